//! Sealed records as the store of bytes beneath sees and changes them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod lifetimes;
mod substitution;

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
use portico_seal::{KeyRing, Seal, SealedAttempts, SealedDecisions, SealedSessions};

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
    decisions: SealedDecisions,
}

/// Stores over `records` with this key ring.
fn store_with(records: Arc<MemoryRecords>, ring: &str) -> Store {
    let ring = Arc::new(KeyRing::parse(ring).unwrap());
    let seal = Arc::new(Seal::new(ring, Arc::new(CountingEntropy::default())));
    Store {
        sessions: SealedSessions::new(records.clone(), seal.clone(), samples::POLICY),
        attempts: SealedAttempts::new(records.clone(), seal.clone()),
        decisions: SealedDecisions::new(records.clone(), seal),
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
        let owners = vec![Owner::from_bytes([9; 32])];
        self.overwrite(Put { key: session_key(key), bytes, expires_at: None, owners, refers })
            .await;
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
    let put = Put { key: tokens, bytes, expires_at: None, owners: vec![], refers: vec![] };
    readable.overwrite(put).await;
    let fresh = store_with(readable.records, NEW);
    assert!(fresh.sessions.find(&ONE, NOW).await.unwrap().is_some());
    let error = fresh.sessions.find_tokens(&ONE, &account(), NOW).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}
