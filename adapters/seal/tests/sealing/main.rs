//! What a seal promises, seen from the store of bytes beneath it.
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

/// The stores over `records` with this key ring.
fn over(records: Arc<MemoryRecords>, ring: &str) -> Store {
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

/// A store with one session at [`ONE`] and its tokens.
async fn filled(ring: &str) -> Store {
    let store = over(Arc::default(), ring);
    let session = samples::session("contoso", "zofia", NOW);
    let tokens = vec![(account(), samples::tokens("hers"))];
    store.sessions.create(ONE, &session, tokens).await.unwrap();
    store
}

fn bytes(sealed: &SealedAttempt) -> Vec<u8> {
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

    /// Puts bytes in the place of a record, behind the seal's back.
    async fn plant(&self, put: Put) {
        let planted = self.records.commit(Batch { put: vec![put], ..Batch::default() }).await;
        assert_eq!(planted.unwrap(), Committed::Done { removed: 0 });
    }

    fn sealed_attempt(&self) -> SealedAttempt {
        self.attempts.seal(&ATTEMPT, &samples::pending_login("nonce")).unwrap()
    }

    fn attempt_opens(&self, sealed: &[u8]) -> bool {
        let sealed = SealedAttempt::new(BASE64_URL_SAFE_NO_PAD.encode(sealed));
        self.attempts.open(&ATTEMPT, &sealed, NOW).is_some()
    }

    /// Puts bytes in the place of a session that lists and holds what that at [`ONE`] does.
    async fn plant_session(&self, key: SessionKey, bytes: Vec<u8>) {
        let refers = vec![self.only(Kind::Tokens), self.only(Kind::Listing)];
        let owner = Some(Owner::from_bytes([9; 32]));
        self.plant(Put { key: session_key(key), bytes, expires_at: None, owner, refers }).await;
    }

    /// What reading the session at `key` fails with.
    async fn unreadable(&self, key: SessionKey) -> String {
        match self.sessions.find(&key, NOW).await {
            Err(StoreError::Unreadable(why)) => why,
            other => panic!("not unreadable: {other:?}"),
        }
    }
}

#[tokio::test]
async fn nothing_that_a_store_or_a_browser_holds_can_be_read_in_it() {
    let store = filled(NEW).await;
    let mut all = vec![store.sealed_session().await, bytes(&store.sealed_attempt())];
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
async fn sealing_the_same_twice_gives_other_bytes() {
    let store = filled(NEW).await;
    let first = store.sealed_session().await;
    let session = samples::session("contoso", "zofia", NOW);
    store.sessions.create(ONE, &session, vec![]).await.unwrap();
    assert_ne!(store.sealed_session().await, first);
}

#[tokio::test]
async fn a_change_of_any_byte_is_noticed() {
    let store = filled(NEW).await;
    let sealed = store.sealed_session().await;
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        store.plant_session(ONE, changed).await;
        store.unreadable(ONE).await;
    }
    for length in 0..sealed.len() {
        store.plant_session(ONE, sealed[..length].to_vec()).await;
        store.unreadable(ONE).await;
    }
}

#[tokio::test]
async fn a_session_does_not_open_under_another_key() {
    let store = filled(NEW).await;
    store.plant_session(TWO, store.sealed_session().await).await;
    assert_eq!(store.unreadable(TWO).await, "session: it was changed or moved");
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some(), "the right one still does");
}

#[tokio::test]
async fn a_record_of_one_kind_does_not_open_as_another() {
    let store = filled(NEW).await;
    let attempt_as_session = SessionKey::from_bytes([3; 32]);
    store.plant_session(attempt_as_session, bytes(&store.sealed_attempt())).await;
    let moved = "it was changed or moved";
    assert!(store.unreadable(attempt_as_session).await.ends_with(moved));

    let session = samples::session("contoso", "zofia", NOW);
    let session_as_attempt = SessionKey::from_bytes(*ATTEMPT.as_bytes());
    store.sessions.create(session_as_attempt, &session, vec![]).await.unwrap();
    let sealed = store.sealed(&session_key(session_as_attempt)).await;
    assert!(!store.attempt_opens(&sealed));
}

#[tokio::test]
async fn an_attempt_opens_for_its_own_key_and_unchanged_alone() {
    let store = filled(NEW).await;
    let sealed = bytes(&store.sealed_attempt());
    assert!(store.attempt_opens(&sealed));
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(!store.attempt_opens(&changed), "byte {index}");
        assert!(!store.attempt_opens(&sealed[..index]), "{index} bytes");
    }
    let other = AttemptKey::from_bytes([4; 32]);
    assert_eq!(store.attempts.open(&other, &store.sealed_attempt(), NOW), None);
    let drawn: HashSet<_> = (0..9).map(|_| bytes(&store.sealed_attempt())).collect();
    assert_eq!(drawn.len(), 9);
}

/// Nor a listing in the place of another: what a store hands over in the wrong place does not open.
#[tokio::test]
async fn tokens_and_listings_do_not_open_in_the_place_of_others() {
    let store = filled(NEW).await;
    let (hers, listed) = (store.only(Kind::Tokens), store.only(Kind::Listing));
    let [sealed_hers, sealed_listed] = [store.sealed(&hers).await, store.sealed(&listed).await];
    let mut other = samples::session("contoso", "marek", NOW);
    other.accounts[0].subscriptions[0].display_name = "Another".into();
    let brought = vec![(account(), samples::tokens("his"))];
    let another = over(Arc::default(), NEW);
    // Drawn once already, so that the other store has other ids.
    another.sessions.create(TWO, &other, brought.clone()).await.unwrap();
    another.sessions.create(ONE, &other, brought).await.unwrap();
    let keys: Vec<_> = another.keys(Kind::Tokens);
    let his = keys.into_iter().find(|key| *key != hers).unwrap();
    let swap = |key: Key, bytes| Put { key, bytes, expires_at: None, owner: None, refers: vec![] };
    another.plant(swap(his, sealed_hers)).await;
    another.plant(swap(another.only(Kind::Listing), sealed_listed)).await;
    let fresh = over(another.records.clone(), NEW);
    let mut unreadable = 0;
    for key in [ONE, TWO] {
        let found = fresh.sessions.find_tokens(&key, &account(), NOW).await;
        unreadable += usize::from(matches!(found, Err(StoreError::Unreadable(_))));
    }
    assert_eq!(unreadable, 1);
    assert_eq!(fresh.unreadable(ONE).await, "listing: it was changed or moved");
}

#[tokio::test]
async fn a_session_whose_listing_is_gone_is_unreadable_and_not_empty() {
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
    store.plant(put).await;
    let fresh = over(store.records, NEW);
    assert_eq!(fresh.unreadable(ONE).await, "session: what it lists is missing");
}

#[tokio::test]
async fn what_many_sessions_list_is_kept_once_and_a_use_writes_the_head_alone() {
    let store = over(Arc::default(), NEW);
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
async fn a_format_of_the_future_says_so() {
    let store = filled(NEW).await;
    let mut sealed = store.sealed_session().await;
    sealed[0] = 3;
    store.plant_session(ONE, sealed).await;
    let why = store.unreadable(ONE).await;
    assert_eq!(why, "session: it is of format 3, which this Portico does not know");
}

#[tokio::test]
async fn a_seal_and_its_errors_show_no_secret() {
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
    let without_key = over(store.records, OLD);
    let error = without_key.sessions.find_tokens(&ONE, &account(), NOW).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));

    // The session opens, and its tokens alone do not.
    let readable = filled(NEW).await;
    let tokens = readable.only(Kind::Tokens);
    let bytes = without_key.sealed(&without_key.only(Kind::Tokens)).await;
    let put = Put { key: tokens, bytes, expires_at: None, owner: None, refers: vec![] };
    readable.plant(put).await;
    let fresh = over(readable.records, NEW);
    assert!(fresh.sessions.find(&ONE, NOW).await.unwrap().is_some());
    let error = fresh.sessions.find_tokens(&ONE, &account(), NOW).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}
