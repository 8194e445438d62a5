//! The steps of the process that is killed, and the contents of the store that must follow from them.

use std::collections::BTreeMap;

use portico_contract::{
    Ports,
    samples::{NOW, attempt_key, key, tokens, zofia_account_id, zofia_session},
};
use portico_domain::testing::{SessionsExt as _, TokensExt as _};
use portico_domain::{
    ports::{StoreError, Written},
    session::{Session, SessionKey},
    time::Timestamp,
};

use crate::process;

/// The last acknowledged step of each session.
pub(crate) type Acknowledged = BTreeMap<String, u64>;

const WORKERS: u64 = 32;
const SOON: Timestamp = Timestamp::from_unix_seconds(1_000);

/// The steps of a session: it is created, replaced, moved and removed, and an attempt is spent. The number
/// of a session determines how many of the steps it takes.
const CREATED: u64 = 1;
const REPLACED: u64 = 2;
const MOVED: u64 = 3;
pub(crate) const REMOVED: u64 = 4;
pub(crate) const SPENT: u64 = 5;

fn steps_of(number: u64) -> u64 {
    CREATED + number % SPENT
}

/// Writes until the process is killed.
pub(crate) async fn work(store: &Ports, round: u64) {
    let workers = (0..WORKERS).map(|worker| tokio::spawn(work_on(store.clone(), round, worker)));
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
}

async fn work_on(store: Ports, round: u64, worker: u64) {
    for number in (worker..).step_by(usize::try_from(WORKERS).unwrap()) {
        let id = format!("{round}-{number}");
        for step in CREATED..=steps_of(number) {
            perform(&store, &id, step).await.unwrap();
            process::print(&format!("done {id} {step}"));
        }
    }
}

/// A session that contains the number of its step. Some are large enough to be split into pieces.
fn marked(id: &str, step: u64) -> Session {
    let mut session = zofia_session();
    let size = if id.ends_with('7') { 40_000 } else { 100 };
    session.accounts[0].warnings = vec![step.to_string(), id.repeat(size / id.len())];
    session
}

fn key_at(id: &str, step: u64) -> SessionKey {
    if step < MOVED { key(id) } else { key(&format!("{id}-moved")) }
}

async fn perform(store: &Ports, id: &str, step: u64) -> Result<(), StoreError> {
    let sessions = &store.sessions;
    let (from, to) = (key_at(id, step - 1), key_at(id, step));
    let new_tokens = vec![(zofia_account_id(), tokens(&step.to_string()))];
    match step {
        CREATED => sessions.create(to, &marked(id, step), new_tokens).await?,
        REPLACED | MOVED => {
            let version = sessions.find(&from, NOW).await?.unwrap().version;
            let session = marked(id, step);
            let written = if step == REPLACED {
                sessions.replace(&from, version, &session, new_tokens).await?
            } else {
                sessions.rotate(&from, version, to, &session, new_tokens).await?
            };
            assert_eq!(written, Written::Done);
        }
        REMOVED => assert!(sessions.remove(&to).await?),
        _ => {
            let epoch = store.attempts.epoch(SOON).await?;
            assert!(store.attempts.spend(&attempt_key(id), epoch).await?);
        }
    }
    Ok(())
}

/// After `step` was acknowledged, the store contains the state of that step or of the next.
pub(crate) async fn check(store: &Ports, id: &str, step: u64) {
    let number: u64 = id.split('-').nth(1).unwrap().parse().unwrap();
    let next = (step + 1).min(steps_of(number));
    let (at_first, at_last) =
        (find_step(store, id, CREATED).await, find_step(store, id, MOVED).await);
    let found = match (at_first, at_last) {
        (Some(step @ (CREATED | REPLACED)), None) | (None, Some(step @ MOVED)) => step,
        (None, None) => REMOVED,
        both => panic!("{id} is under a wrong key or under two keys: {both:?}"),
    };
    // Whether the attempt is spent does not show in the session.
    let visible = |step: u64| step.min(REMOVED);
    assert!(found == visible(step) || found == visible(next), "{id}: {found} after {step}");
}

/// Spending does not wait for a flush, but a durable write makes all earlier ones durable: once the next
/// session of the worker was acknowledged, the attempt stays spent.
pub(crate) async fn check_attempt(store: &Ports, id: &str) {
    let epoch = store.attempts.epoch(SOON).await.unwrap();
    let again = store.attempts.spend(&attempt_key(id), epoch).await.unwrap();
    assert!(!again, "{id}: a spent attempt can be spent again");
}

pub(crate) fn next_of_worker(id: &str) -> String {
    let (round, number) = id.split_once('-').unwrap();
    format!("{round}-{}", number.parse::<u64>().unwrap() + WORKERS)
}

/// Reads the session under its key at `step` and returns the step that it contains. Session and tokens
/// must be complete and of the same step.
async fn find_step(store: &Ports, id: &str, step: u64) -> Option<u64> {
    let key = key_at(id, step);
    let session = store.sessions.find(&key, NOW).await.unwrap();
    let stored_tokens = store.tokens.tokens_of(&key, &zofia_account_id()).await.unwrap();
    let Some(session) = session else {
        assert_eq!(stored_tokens, None, "{id}: tokens without a session");
        return None;
    };
    let found = session.value.accounts[0].warnings[0].parse().unwrap();
    assert_eq!(session.value, marked(id, found));
    assert_eq!(stored_tokens, Some(tokens(&found.to_string())), "{id}");
    Some(found)
}
