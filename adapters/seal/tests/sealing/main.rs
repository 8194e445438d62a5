//! Sealed records as the store of bytes beneath sees and changes them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod lifetimes;

use std::{collections::HashSet, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::{
    account::AccountId,
    login::AttemptKey,
    ports::{LoginAttempts, SessionTokens, Sessions, StoreError, Written},
    secret::{AccessToken, RefreshToken, SealedAttempt},
    session::{SessionKey, SessionPolicy, TokenSet},
    testing::{CountingEntropy, SessionsExt as _, TokensExt as _, samples},
    time::Timestamp,
};
use portico_memory::MemoryRecords;
use portico_records::{Batch, Committed, Key, Kind, OrderedStore, Owner, Put, Records};
use portico_seal::{KeyRing, Seal, SealedAttempts, SealedSessions};

const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=";
const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const ONE: SessionKey = SessionKey::from_bytes([1; 32]);
const TWO: SessionKey = SessionKey::from_bytes([2; 32]);
const ATTEMPT: AttemptKey = AttemptKey::from_bytes([3; 32]);

struct Store {
    records: Arc<MemoryRecords>,
    sessions: SealedSessions,
    attempts: SealedAttempts,
}

/// Stores over `records` with this key ring.
fn store_with(records: Arc<MemoryRecords>, ring: &str) -> Store {
    let ring = Arc::new(KeyRing::parse(ring).unwrap());
    let seal = Arc::new(Seal::new(ring, Arc::new(CountingEntropy::default())));
    Store {
        sessions: SealedSessions::new(records.clone(), seal.clone(), samples::POLICY),
        attempts: SealedAttempts::new(records.clone(), seal),
        records,
    }
}

fn account() -> AccountId {
    samples::account("contoso", "zofia", NOW).id
}

/// A store with one session under the key [`ONE`] and its tokens.
async fn filled(ring: &str) -> Store {
    let store = store_with(Arc::default(), ring);
    let session = samples::session("contoso", "zofia", NOW);
    let tokens = vec![(account(), samples::tokens("hers"))];
    store.sessions.create(ONE, &session, tokens).await.unwrap();
    store
}

fn decoded(sealed: &SealedAttempt) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(sealed.expose()).unwrap()
}

fn session_key(key: SessionKey) -> Key {
    Key::new(Kind::Session, key.as_bytes())
}

impl Store {
    async fn sealed(&self, key: &Key) -> Vec<u8> {
        self.records.get(key, NOW).await.unwrap().unwrap().value
    }

    async fn sealed_session(&self) -> Vec<u8> {
        self.sealed(&session_key(ONE)).await
    }

    /// The only record of this kind.
    fn only(&self, kind: Kind) -> Key {
        let keys = self.keys(kind);
        let [key] = keys.as_slice() else { panic!("{keys:?}") };
        key.clone()
    }

    fn keys(&self, kind: Kind) -> Vec<Key> {
        let range = vec![kind as u8]..vec![kind as u8 + 1];
        let rows = self.records.rows().unwrap();
        rows.keys(range).map(|key| Key::from_bytes(&key.unwrap()).unwrap()).collect()
    }

    /// Writes a record past the seal.
    async fn overwrite(&self, put: Put) {
        let written = self.records.commit(Batch { put: vec![put], ..Batch::default() }).await;
        assert_eq!(written.unwrap(), Committed::Done { removed: 0 });
    }

    fn sealed_attempt(&self) -> SealedAttempt {
        self.attempts.seal(&ATTEMPT, &samples::pending_login("nonce")).unwrap()
    }

    fn attempt_opens(&self, sealed: &[u8]) -> bool {
        let sealed = SealedAttempt::new(BASE64_URL_SAFE_NO_PAD.encode(sealed));
        self.attempts.open(&ATTEMPT, &sealed, NOW).is_some()
    }

    /// Writes a head past the seal, which refers to the tokens and the listing of the session [`ONE`].
    async fn overwrite_session(&self, key: SessionKey, bytes: Vec<u8>) {
        let refers = vec![self.only(Kind::Tokens), self.only(Kind::Listing)];
        let owner = Some(Owner::from_bytes([9; 32]));
        self.overwrite(Put { key: session_key(key), bytes, expires_at: None, owner, refers }).await;
    }

    /// The reason why `find` of this session fails.
    async fn unreadable_reason(&self, key: SessionKey) -> String {
        match self.sessions.find(&key, NOW).await {
            Err(StoreError::Unreadable(why)) => why,
            other => panic!("not unreadable: {other:?}"),
        }
    }
}

#[tokio::test]
async fn sealed_records_and_cookies_contain_no_plain_text() {
    let store = filled(NEW).await;
    let mut all = vec![store.sealed_session().await, decoded(&store.sealed_attempt())];
    for kind in [Kind::Tokens, Kind::Listing] {
        all.push(store.sealed(&store.only(kind)).await);
    }
    for sealed in all {
        let text = String::from_utf8_lossy(&sealed).into_owned();
        for word in [
            "zofia",
            "contoso",
            "azure",
            "access",
            "refresh",
            "verifier",
            "localhost",
            "Subscription",
        ] {
            assert!(!text.contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn sealing_one_session_twice_gives_different_bytes() {
    let store = filled(NEW).await;
    let first = store.sealed_session().await;
    let session = samples::session("contoso", "zofia", NOW);
    store.sessions.create(ONE, &session, vec![]).await.unwrap();
    assert_ne!(store.sealed_session().await, first);
}

#[tokio::test]
async fn find_is_unreadable_if_any_byte_changed_or_is_missing() {
    let store = filled(NEW).await;
    let sealed = store.sealed_session().await;
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        store.overwrite_session(ONE, changed).await;
        store.unreadable_reason(ONE).await;
    }
    for length in 0..sealed.len() {
        store.overwrite_session(ONE, sealed[..length].to_vec()).await;
        store.unreadable_reason(ONE).await;
    }
}

#[tokio::test]
async fn session_copied_to_another_key_is_unreadable() {
    let store = filled(NEW).await;
    store.overwrite_session(TWO, store.sealed_session().await).await;
    assert_eq!(store.unreadable_reason(TWO).await, "session: it was changed or moved");
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some(), "the original is readable");
}

#[tokio::test]
async fn session_and_attempt_do_not_open_as_each_other() {
    let store = filled(NEW).await;
    let attempt_as_session = SessionKey::from_bytes([3; 32]);
    store.overwrite_session(attempt_as_session, decoded(&store.sealed_attempt())).await;
    let moved = "it was changed or moved";
    assert!(store.unreadable_reason(attempt_as_session).await.ends_with(moved));

    let session = samples::session("contoso", "zofia", NOW);
    let session_as_attempt = SessionKey::from_bytes(*ATTEMPT.as_bytes());
    store.sessions.create(session_as_attempt, &session, vec![]).await.unwrap();
    let sealed = store.sealed(&session_key(session_as_attempt)).await;
    assert!(!store.attempt_opens(&sealed));
}

#[tokio::test]
async fn attempt_opens_only_unchanged_and_under_its_own_key() {
    let store = filled(NEW).await;
    let sealed = decoded(&store.sealed_attempt());
    assert!(store.attempt_opens(&sealed));
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(!store.attempt_opens(&changed), "byte {index}");
        assert!(!store.attempt_opens(&sealed[..index]), "{index} bytes");
    }
    let other = AttemptKey::from_bytes([4; 32]);
    assert_eq!(store.attempts.open(&other, &store.sealed_attempt(), NOW), None);
    let drawn: HashSet<_> = (0..9).map(|_| decoded(&store.sealed_attempt())).collect();
    assert_eq!(drawn.len(), 9);
}

#[tokio::test]
async fn tokens_and_listings_copied_to_another_key_are_unreadable() {
    let store = filled(NEW).await;
    let (hers, listed) = (store.only(Kind::Tokens), store.only(Kind::Listing));
    let [sealed_hers, sealed_listed] = [store.sealed(&hers).await, store.sealed(&listed).await];
    let mut other = samples::session("contoso", "marek", NOW);
    other.accounts[0].subscriptions[0].display_name = "Another".into();
    let brought = vec![(account(), samples::tokens("his"))];
    let another = store_with(Arc::default(), NEW);
    // A first session, so that the ids of tokens differ from those of the first store.
    another.sessions.create(TWO, &other, brought.clone()).await.unwrap();
    another.sessions.create(ONE, &other, brought).await.unwrap();
    let keys: Vec<_> = another.keys(Kind::Tokens);
    let his = keys.into_iter().find(|key| *key != hers).unwrap();
    let put = |key: Key, bytes| Put { key, bytes, expires_at: None, owner: None, refers: vec![] };
    another.overwrite(put(his, sealed_hers)).await;
    another.overwrite(put(another.only(Kind::Listing), sealed_listed)).await;
    let fresh = store_with(another.records.clone(), NEW);
    let mut unreadable = 0;
    for key in [ONE, TWO] {
        let found = fresh.sessions.find_tokens(&key, &account(), NOW).await;
        unreadable += usize::from(matches!(found, Err(StoreError::Unreadable(_))));
    }
    assert_eq!(unreadable, 1);
    assert_eq!(fresh.unreadable_reason(ONE).await, "listing: it was changed or moved");
}

#[tokio::test]
async fn session_without_its_listing_is_unreadable_and_not_empty() {
    let store = filled(NEW).await;
    let sealed = store.sealed_session().await;
    let tokens = store.only(Kind::Tokens);
    let put = Put {
        key: session_key(ONE),
        bytes: sealed,
        expires_at: None,
        owner: None,
        refers: vec![tokens],
    };
    store.overwrite(put).await;
    let fresh = store_with(store.records, NEW);
    let reason = fresh.unreadable_reason(ONE).await;
    assert_eq!(reason, "session: a listing that it refers to is missing");
}

#[tokio::test]
async fn sessions_share_a_listing_and_recording_a_use_writes_the_head_only() {
    let store = store_with(Arc::default(), NEW);
    for number in 0..9_u8 {
        let key = SessionKey::from_bytes([number; 32]);
        let mut session = samples::session("contoso", &format!("person-{number}"), NOW);
        let one = session.accounts[0].subscriptions[0].clone();
        session.accounts[0].subscriptions = vec![one; 5_000];
        store.sessions.create(key, &session, vec![]).await.unwrap();
    }
    assert!(store.sealed(&store.only(Kind::Listing)).await.len() > 100_000);
    let listing = store.records.version(&store.only(Kind::Listing), NOW).await.unwrap();
    let found = store.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    let used = portico_domain::session::Session { seen_at: NOW, ..found.value };
    let written = store.sessions.replace(&ONE, found.version, &used, vec![]).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert!(store.sealed_session().await.len() < 500);
    let after = store.records.version(&store.only(Kind::Listing), NOW).await.unwrap();
    assert_eq!(after, listing);
}

#[tokio::test]
async fn session_of_an_unknown_format_is_unreadable_with_its_number() {
    let store = filled(NEW).await;
    let mut sealed = store.sealed_session().await;
    sealed[0] = 3;
    store.overwrite_session(ONE, sealed).await;
    let reason = store.unreadable_reason(ONE).await;
    assert_eq!(reason, "session: its format, 3, is unknown to this version of Portico");
}

#[tokio::test]
async fn debug_and_errors_contain_no_secret() {
    let store = filled(NEW).await;
    let ring = Arc::new(KeyRing::parse(NEW).unwrap());
    let seal = Seal::new(ring, Arc::new(CountingEntropy::default()));
    assert_eq!(format!("{seal:?}"), "Seal { ring: KeyRing(1 keys, redacted), .. }");

    let tokens = TokenSet {
        access: AccessToken::new("s3cret"),
        refresh: Some(RefreshToken::new("s3cret")),
        ..samples::tokens("")
    };
    let session = samples::session("contoso", "zofia", NOW);
    store.sessions.create(ONE, &session, vec![(account(), tokens)]).await.unwrap();
    let without_key = store_with(store.records, OLD);
    let error = without_key.sessions.find_tokens(&ONE, &account(), NOW).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));

    // The head opens, its tokens do not.
    let readable = filled(NEW).await;
    let tokens = readable.only(Kind::Tokens);
    let bytes = without_key.sealed(&without_key.only(Kind::Tokens)).await;
    let put = Put { key: tokens, bytes, expires_at: None, owner: None, refers: vec![] };
    readable.overwrite(put).await;
    let fresh = store_with(readable.records, NEW);
    assert!(fresh.sessions.find(&ONE, NOW).await.unwrap().is_some());
    let error = fresh.sessions.find_tokens(&ONE, &account(), NOW).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}
