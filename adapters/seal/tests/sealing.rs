//! What a seal promises, seen from the store of bytes beneath it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::HashSet, sync::Arc, time::Duration};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::testing::SessionsExt as _;
use portico_domain::{
    account::AccountId,
    login::AttemptKey,
    ports::{
        LoginAttempts, SessionRecord, SessionRecords, SessionTokens, Sessions, StoreError, Written,
    },
    secret::{AccessToken, RefreshToken, SealedAttempt},
    session::{SessionKey, SessionPolicy, TokenSet},
    testing::{CountingEntropy, samples},
    time::Timestamp,
};
use portico_memory::MemoryRecords;
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

/// What an account's tokens stand under in a store.
fn named(ring: &str, account: &AccountId) -> AccountId {
    let key = KeyRing::parse(ring).unwrap().derive("names of accounts");
    let name = sign(&Key::new(HMAC_SHA256, key.as_ref()), account.as_str().as_bytes());
    AccountId::from_text(BASE64_URL_SAFE_NO_PAD.encode(&name.as_ref()[..16]))
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

impl Store {
    async fn sealed_session(&self) -> Vec<u8> {
        SessionRecords::find(&*self.records, &ONE, NOW).await.unwrap().unwrap().value
    }

    async fn sealed_tokens(&self) -> Vec<u8> {
        let name = named(NEW, &account());
        self.records.find_tokens(&ONE, &name).await.unwrap().unwrap()
    }

    fn sealed_attempt(&self) -> SealedAttempt {
        self.attempts.seal(&ATTEMPT, &samples::pending_login("nonce")).unwrap()
    }

    fn attempt_opens(&self, sealed: &[u8]) -> bool {
        let sealed = SealedAttempt::new(BASE64_URL_SAFE_NO_PAD.encode(sealed));
        self.attempts.open(&ATTEMPT, &sealed, NOW).is_some()
    }

    /// Puts bytes in the place of a session, behind the seal's back.
    async fn plant_session(&self, key: SessionKey, sealed: Vec<u8>) {
        let person = samples::person("contoso", "zofia");
        let expires_at = Timestamp::from_unix_seconds(u64::MAX);
        let record = SessionRecord { person, expires_at, sealed };
        SessionRecords::insert(&*self.records, key, record, vec![]).await.unwrap();
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
    let all = [store.sealed_session().await, store.sealed_tokens().await]
        .into_iter()
        .chain([bytes(&store.sealed_attempt())]);
    for sealed in all {
        let text = String::from_utf8_lossy(&sealed).into_owned();
        for word in ["zofia", "contoso", "azure", "access", "refresh", "verifier", "localhost"] {
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
    let records: &dyn SessionRecords = &*store.records;
    let sealed = records.find(&session_as_attempt, NOW).await.unwrap().unwrap().value;
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

#[tokio::test]
async fn tokens_do_not_open_as_those_of_another_account() {
    let store = filled(NEW).await;
    let other = AccountId::from_text("another");
    let session = samples::session("contoso", "zofia", NOW);
    let record = SessionRecord {
        person: session.person,
        expires_at: Timestamp::from_unix_seconds(u64::MAX),
        sealed: vec![],
    };
    let tokens = vec![(named(NEW, &other), store.sealed_tokens().await)];
    SessionRecords::insert(&*store.records, TWO, record, tokens).await.unwrap();
    let found = store.sessions.find_tokens(&TWO, &other).await;
    assert!(matches!(found, Err(StoreError::Unreadable(_))), "{found:?}");
}

#[tokio::test]
async fn records_of_the_old_key_open_when_the_new_one_is_put_before_it() {
    let store = filled(OLD).await;
    let rotated = over(store.records.clone(), &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    assert_eq!(found.value, samples::session("contoso", "zofia", NOW));
    let tokens = rotated.sessions.find_tokens(&ONE, &account()).await.unwrap();
    assert_eq!(tokens, Some(samples::tokens("hers")));
    let of_old = over(Arc::default(), OLD).sealed_attempt();
    assert!(rotated.attempts.open(&ATTEMPT, &of_old, NOW).is_some());

    // What is written from now on no longer needs the old key.
    let written = rotated.sessions.replace(&ONE, found.version, &found.value, vec![]).await;
    assert_eq!(written.unwrap(), Written::Done);
    let without_old = over(rotated.records.clone(), NEW);
    assert!(without_old.sessions.find(&ONE, NOW).await.unwrap().is_some());
    assert_eq!(without_old.attempts.open(&ATTEMPT, &of_old, NOW), None);
    assert!(without_old.attempts.open(&ATTEMPT, &rotated.sealed_attempt(), NOW).is_some());
}

/// A hash of who somebody is could be tried with a list of people.
#[tokio::test]
async fn a_store_knows_no_person_and_no_account_by_a_name_that_is_made_without_a_key() {
    let store = filled(NEW).await;
    let found = store.records.find_tokens(&ONE, &account()).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(store.records.remove_all_of(&samples::person("contoso", "zofia")).await.unwrap(), 0);
    // Nor by one of another key.
    let other = over(store.records, OLD);
    assert_eq!(other.sessions.find_tokens(&ONE, &account()).await.unwrap(), None);
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(other.sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

#[tokio::test]
async fn a_persons_sessions_end_under_whichever_key_of_the_ring_they_were_written() {
    let zofia = samples::person("contoso", "zofia");
    let session = samples::session("contoso", "zofia", NOW);
    let rotated = over(filled(OLD).await.records, &format!("{NEW},{OLD}"));
    rotated.sessions.create(TWO, &session, vec![]).await.unwrap();
    assert_eq!(rotated.sessions.remove_all_of(&zofia).await.unwrap(), 2);
    assert_eq!(rotated.sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_written_anew_is_named_by_the_new_key() {
    let rotated = over(filled(OLD).await.records, &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    let tokens = vec![(account(), samples::tokens("newer"))];
    let written = rotated.sessions.replace(&ONE, found.version, &found.value, tokens).await;
    assert_eq!(written.unwrap(), Written::Done);
    let found = rotated.sessions.find_tokens(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));

    let without_old = over(rotated.records, NEW);
    let found = without_old.sessions.find_tokens(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(without_old.sessions.remove_all_of(&zofia).await.unwrap(), 1);
}

#[tokio::test]
async fn records_of_a_key_that_is_gone_say_so() {
    let store = over(filled(OLD).await.records, NEW);
    let why = store.unreadable(ONE).await;
    assert_eq!(why, "session: the key that sealed it, 66687aad, is not there");
    // Nobody can tell under which name they stand.
    assert_eq!(store.sessions.find_tokens(&ONE, &account()).await.unwrap(), None);
}

#[tokio::test]
async fn a_format_of_the_future_says_so() {
    let store = filled(NEW).await;
    let mut sealed = store.sealed_session().await;
    sealed[0] = 2;
    store.plant_session(ONE, sealed).await;
    let why = store.unreadable(ONE).await;
    assert_eq!(why, "session: it is of format 2, which this Portico does not know");
}

#[tokio::test]
async fn a_store_cannot_make_a_session_live_longer() {
    let store = filled(NEW).await;
    store.plant_session(ONE, store.sealed_session().await).await;
    let end = NOW.plus(samples::POLICY.idle);
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some());
    assert!(store.sessions.find(&ONE, end).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stricter_policy_holds_for_sessions_from_before_it() {
    let store = filled(NEW).await;
    let seal =
        Seal::new(Arc::new(KeyRing::parse(NEW).unwrap()), Arc::new(CountingEntropy::default()));
    let strict = SessionPolicy { idle: Duration::from_secs(60), ..samples::POLICY };
    let sessions = SealedSessions::new(store.records, Arc::new(seal), strict);
    let later = |seconds| NOW.plus(Duration::from_secs(seconds));
    assert!(sessions.find(&ONE, later(59)).await.unwrap().is_some());
    assert!(sessions.find(&ONE, later(60)).await.unwrap().is_none());
}

/// Not those that only a longer policy made last longer.
#[tokio::test]
async fn sessions_from_the_future_end_though_nobody_asks_for_them() {
    let store = filled(NEW).await;
    let ahead = samples::session("contoso", "marek", NOW.plus(Duration::from_secs(172_800)));
    store.sessions.create(TWO, &ahead, vec![]).await.unwrap();
    let seal =
        Seal::new(Arc::new(KeyRing::parse(NEW).unwrap()), Arc::new(CountingEntropy::default()));
    let strict = SessionPolicy { idle: Duration::from_secs(60), ..samples::POLICY };
    let sessions = SealedSessions::new(store.records.clone(), Arc::new(seal), strict);
    assert_eq!(sessions.end_future(NOW, 9).await.unwrap(), 1);
    assert_eq!(sessions.end_future(NOW, 9).await.unwrap(), 0);
    assert!(!store.records.remove(&TWO).await.unwrap());
    assert!(store.sessions.find(&ONE, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn the_record_tells_its_store_when_to_forget_it() {
    let store = filled(NEW).await;
    let end = NOW.plus(samples::POLICY.idle);
    let before = Timestamp::from_unix_seconds(end.unix_seconds() - 1);
    assert_eq!(store.records.purge_expired(before, 9).await.unwrap(), 0);
    assert_eq!(store.records.purge_expired(end, 9).await.unwrap(), 1);
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
    let record = SessionRecord { person: session.person, expires_at: NOW, sealed: vec![] };
    let tokens = vec![(named(OLD, &account()), store.sealed_tokens().await)];
    SessionRecords::insert(&*store.records, TWO, record, tokens).await.unwrap();
    let without_key = over(store.records, OLD);
    let error = without_key.sessions.find_tokens(&TWO, &account()).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}
