//! Large sessions, large tokens, many readers and many sessions.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{NOW, key, later, session_listing, tokens, zofia_account_id, zofia_session},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{
    ports::{Sessions, Written},
    secret::{AccessToken, RefreshToken},
    session::{Session, TokenSet},
};

/// The session has about 700 KB.
pub(crate) async fn find_returns_a_listing_of_5000_subscriptions_unchanged(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &session_listing(5_000), vec![]).await.unwrap();
    let found = sessions.find(&key("one"), NOW).await.unwrap().unwrap();
    assert_eq!(found.value, session_listing(5_000));
}

/// The sizes include those just below and above the size of a piece.
pub(crate) async fn replace_changes_the_size_of_a_session_across_piece_bounds(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    sessions.create(key("one"), &session_listing(5_000), vec![]).await.unwrap();
    for count in [0, 1, 30, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 80, 1_000, 7, 5_000, 1] {
        let version = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
        let session = session_listing(count);
        let written = sessions.replace(&key("one"), version, &session, vec![]).await.unwrap();
        assert_eq!(written, Written::Done);
        let found = sessions.find(&key("one"), NOW).await.unwrap().unwrap();
        assert_eq!(found.value, session, "with {count} subscriptions");
    }
}

/// A person in thousands of groups has such tokens. They move with their session.
pub(crate) async fn find_tokens_returns_large_tokens_unchanged(subject: impl Subject) {
    let ports = subject.ports();
    let account = zofia_account_id();
    let large = TokenSet {
        access: AccessToken::new("a".repeat(40_000)),
        refresh: Some(RefreshToken::new("r".repeat(20_000))),
        ..tokens("large")
    };
    let new_tokens = vec![(account.clone(), large.clone())];
    ports.sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    let seen = ports.sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let moved =
        ports.sessions.rotate(&key("one"), seen, key("two"), &zofia_session(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap().is_none());
    assert_eq!(ports.tokens.tokens_of(&key("two"), &account).await.unwrap(), Some(large));
    assert!(ports.sessions.remove(&key("two")).await.unwrap());
    assert!(ports.tokens.tokens_of(&key("two"), &account).await.unwrap().is_none());
}

/// A store that splits records into pieces must not mix pieces of two writes.
pub(crate) async fn find_never_mixes_two_writes_of_a_large_session(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let marked = |mark: usize| {
        let mut session = session_listing(300);
        for subscription in &mut session.accounts[0].subscriptions {
            subscription.display_name = format!("write {mark}");
        }
        session
    };
    sessions.create(key("one"), &marked(0), vec![]).await.unwrap();
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        readers.spawn(read_until(sessions.clone(), 60));
    }
    for mark in 1..=60 {
        let version = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
        let written = sessions.replace(&key("one"), version, &marked(mark), vec![]).await;
        assert_eq!(written.unwrap(), Written::Done);
    }
    readers.join_all().await;
}

async fn read_until(sessions: Arc<dyn Sessions>, last: usize) {
    loop {
        let found: Session = sessions.find(&key("one"), NOW).await.unwrap().unwrap().value;
        let listed = &found.accounts[0].subscriptions;
        let name = &listed[0].display_name;
        assert!(
            listed.iter().all(|other| other.display_name == *name),
            "the listing mixes {name} with another write"
        );
        if *name == format!("write {last}") {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// A read that begins after an acknowledged write sees neither an older session nor an older version,
/// caches included, and no read finds a session after its end.
pub(crate) async fn find_returns_the_acknowledged_write_or_end_to_64_readers(
    subject: impl Subject,
) {
    const READERS: u64 = 64;
    const WRITES: u64 = 100;
    let sessions = subject.ports().sessions;
    let acknowledged = Arc::new(AtomicU64::new(0));
    sessions.create(key("one"), &numbered(0), vec![]).await.unwrap();
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (sessions, acknowledged) = (sessions.clone(), acknowledged.clone());
        readers.spawn(async move { while reads_acknowledged(&sessions, &acknowledged).await {} });
    }
    for number in 1..=WRITES {
        let version = sessions.version(&key("one"), later(WRITES)).await.unwrap().unwrap();
        let session = numbered(number);
        let written = sessions.replace(&key("one"), version, &session, vec![]).await.unwrap();
        assert_eq!(written, Written::Done);
        acknowledged.store(number, Ordering::SeqCst);
    }
    assert!(sessions.remove(&key("one")).await.unwrap());
    acknowledged.store(ENDED, Ordering::SeqCst);
    readers.join_all().await;
}

const ENDED: u64 = u64::MAX;

/// A session whose head and listing contain the number of its write.
fn numbered(number: u64) -> Session {
    let mut session = zofia_session();
    session.seen_at = later(number);
    session.accounts[0].subscriptions[0].display_name = number.to_string();
    session
}

/// Reads once and compares with the acknowledged write. Returns whether to go on: the session had not
/// ended before the read.
async fn reads_acknowledged(sessions: &Arc<dyn Sessions>, acknowledged: &AtomicU64) -> bool {
    let before = acknowledged.load(Ordering::SeqCst);
    let now = later(100);
    let version = sessions.version(&key("one"), now).await.unwrap();
    let found = sessions.find(&key("one"), now).await.unwrap();
    if before == ENDED {
        assert_eq!((version, found), (None, None), "after it ended");
        return false;
    }
    if let Some(found) = found {
        let written = found.value.seen_at.since(NOW).as_secs();
        assert!(written >= before, "{written} after {before}");
        assert_eq!(found.value, numbered(written));
    }
    tokio::task::yield_now().await;
    true
}

/// They are created concurrently and read in another order.
pub(crate) async fn find_returns_each_of_a_hundred_thousand_sessions(subject: impl Subject) {
    const SESSIONS: usize = 100_000;
    const CALLERS: usize = 250;
    let id = |number: usize| key(&format!("session {number}"));
    let sessions = subject.ports().sessions;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (sessions, mut session) = (sessions.clone(), zofia_session());
        callers.spawn(async move {
            for number in (caller..SESSIONS).step_by(CALLERS) {
                session.accounts[0].warnings = vec![number.to_string()];
                sessions.create(id(number), &session, vec![]).await.unwrap();
            }
        });
    }
    callers.join_all().await;

    // 61,803 is coprime to the number of sessions, so each is read once.
    for step in 0..SESSIONS {
        let number = step * 61_803 % SESSIONS;
        let found = sessions.find(&id(number), NOW).await.unwrap().unwrap();
        assert_eq!(found.value.accounts[0].warnings, [number.to_string()]);
    }
    assert!(sessions.find(&id(SESSIONS), NOW).await.unwrap().is_none());
}
