//! What a seal promises, seen from the store of bytes beneath it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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
async fn records_of_the_old_key_open_when_the_new_one_is_put_before_it() {
    let store = filled(OLD).await;
    let rotated = over(store.records.clone(), &format!("{NEW},{OLD}"));
    let found = rotated.sessions.find(&ONE, NOW).await.unwrap().unwrap();
    assert_eq!(found.value, samples::session("contoso", "zofia", NOW));
    let tokens = rotated.sessions.tokens_of(&ONE, &account()).await.unwrap();
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
async fn a_store_knows_no_person_and_no_listing_by_a_name_that_is_made_without_a_key() {
    let store = filled(NEW).await;
    let owner = Owner::from_bytes(*samples::person("contoso", "zofia").as_bytes());
    assert_eq!(store.records.owned_by(&owner).await.unwrap(), []);
    // The same listing has another name under another key.
    let other = filled(OLD).await;
    assert_ne!(store.only(Kind::Listing), other.only(Kind::Listing));
    assert_eq!(store.only(Kind::Listing), filled(NEW).await.only(Kind::Listing));
    // Nor by one of another key.
    let other = over(store.records, OLD);
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
    let found = rotated.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));

    let without_old = over(rotated.records, NEW);
    let found = without_old.sessions.tokens_of(&ONE, &account()).await.unwrap();
    assert_eq!(found, Some(samples::tokens("newer")));
    let zofia = samples::person("contoso", "zofia");
    assert_eq!(without_old.sessions.remove_all_of(&zofia).await.unwrap(), 1);
}

#[tokio::test]
async fn records_of_a_key_that_is_gone_say_so() {
    let store = over(filled(OLD).await.records, NEW);
    let why = store.unreadable(ONE).await;
    assert_eq!(why, "session: the key that sealed it, 66687aad, is not there");
    // Where its tokens stand, the session says.
    let tokens = store.sessions.find_tokens(&ONE, &account(), NOW).await;
    assert!(matches!(tokens, Err(StoreError::Unreadable(_))), "{tokens:?}");
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
    assert!(!store.sessions.remove(&TWO).await.unwrap());
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
    let without_key = over(store.records, OLD);
    let error = without_key.sessions.find_tokens(&ONE, &account(), NOW).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}
