//! A Portico that is killed at any moment: no acknowledged session is lost, none that was removed
//! comes back, and the store opens each time.
//!
//! The test starts itself as another process, which works on the store and prints every step once
//! it is acknowledged, and kills it (SIGKILL). What this cannot show is a loss of power: what a
//! killed process has written, the system still has.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "the killed process tells its parent what it was told")]

mod support;

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use portico_contract::{
    Ports,
    samples::{NOW, attempt_key, key, pending_login, tokens, zofias, zofias_account},
};
use portico_domain::{
    ports::{StoreError, Written},
    session::{Session, SessionKey},
    time::Timestamp,
};
use portico_sled::{Options, SledRecords};
use tokio::runtime::Runtime;

const ROUNDS: u64 = 100;
const WORKERS: u64 = 32;

/// The folder of the store; only the process that will be killed has it.
const FOLDER: &str = "PORTICO_KILL_TEST_FOLDER";
const ROUND: &str = "PORTICO_KILL_TEST_ROUND";
const SOON: Timestamp = Timestamp::from_unix_seconds(1_000);

/// What becomes of every session, step by step: it is created, replaced, moved and removed, and an
/// attempt begins and is consumed. A session goes through as many steps as its number says.
const CREATED: u64 = 1;
const REPLACED: u64 = 2;
const MOVED: u64 = 3;
const REMOVED: u64 = 4;
const BEGUN: u64 = 5;
const CONSUMED: u64 = 6;

fn steps_of(number: u64) -> u64 {
    CREATED + number % CONSUMED
}

#[test]
fn a_hundred_kills_lose_nothing_acknowledged_and_the_store_opens_each_time() {
    if let Ok(folder) = env::var(FOLDER) {
        return work(Path::new(&folder), env::var(ROUND).unwrap().parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let (mut all, mut while_opening) = (BTreeMap::new(), 0);
    for round in 0..ROUNDS {
        let acknowledged = kill_one(folder.path(), round);
        while_opening += u64::from(acknowledged.is_none());
        let acknowledged = acknowledged.unwrap_or_default();
        let store = open(folder.path());
        for (id, step) in &acknowledged {
            runtime.block_on(check(&store, id, *step));
            if *step >= BEGUN && acknowledged.contains_key(&next_of_the_worker(id)) {
                runtime.block_on(check_attempt(&store, id, *step));
            }
        }
        // What begins is consumed by the check; the rest is looked at again in the end.
        all.extend(acknowledged.into_iter().filter(|(_, step)| *step < BEGUN));
    }
    let store = open(folder.path());
    all.iter().for_each(|(id, step)| runtime.block_on(check(&store, id, *step)));
    println!(
        "{ROUNDS} kills, {while_opening} of them while opening: {} sessions as acknowledged",
        all.len()
    );
    assert!(while_opening > 0 && while_opening < ROUNDS / 2, "{while_opening}");
    assert!(all.len() > 1_000, "{}", all.len());
}

fn open(folder: &Path) -> Ports {
    support::sealed(Arc::new(SledRecords::open(folder, Options::default()).unwrap()))
}

/// Starts a process, kills it, and says which step of which session it was told last; nothing where
/// it had not opened the store yet.
fn kill_one(folder: &Path, round: u64) -> Option<BTreeMap<String, u64>> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", thread::current().name().unwrap(), "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (opened, has_opened) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut told = BTreeMap::new();
        // A kill can cut the last line; a step counts when its line is whole.
        for line in lines.map_while(Result::ok) {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["open"] => opened.send(Instant::now()).unwrap(),
                ["done", id, step, "."] => drop(told.insert(id.to_owned(), step.parse().unwrap())),
                _ => {}
            }
        }
        told
    });

    // The moment of the kill has to vary, so this test waits: one round in four while the store is
    // being opened, the others up to a fifth of a second later.
    let moment = round * 7_919 % 200;
    let opened = if round.is_multiple_of(4) {
        has_opened.recv_timeout(Duration::from_micros(moment * 150)).ok()
    } else {
        let opened = has_opened.recv().unwrap();
        thread::sleep(Duration::from_millis(moment));
        Some(opened)
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let told = reader.join().unwrap();
    opened.map(|_| told)
}

/// The other process: works until it is killed.
fn work(folder: &Path, round: u64) {
    let store = open(folder);
    println!("\nopen");
    Runtime::new().unwrap().block_on(async {
        let workers =
            (0..WORKERS).map(|worker| tokio::spawn(work_on(store.clone(), round, worker)));
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
    });
}

async fn work_on(store: Ports, round: u64, worker: u64) {
    for number in (worker..).step_by(usize::try_from(WORKERS).unwrap()) {
        let id = format!("{round}-{number}");
        for step in CREATED..=steps_of(number) {
            take(&store, &id, step).await.unwrap();
            println!("done {id} {step} .");
        }
    }
}

/// A session that a step has left its mark on; large now and then, to be kept in several pieces.
fn marked(id: &str, step: u64) -> Session {
    let mut session = zofias();
    let size = if id.ends_with('7') { 40_000 } else { 100 };
    session.accounts[0].warnings = vec![step.to_string(), id.repeat(size / id.len())];
    session
}

fn place(id: &str, step: u64) -> SessionKey {
    if step < MOVED { key(id) } else { key(&format!("{id}-moved")) }
}

async fn take(store: &Ports, id: &str, step: u64) -> Result<(), StoreError> {
    let sessions = &store.sessions;
    let (from, to) = (place(id, step - 1), place(id, step));
    let brought = vec![(zofias_account(), tokens(&step.to_string()))];
    match step {
        CREATED => sessions.create(to, &marked(id, step), brought).await?,
        REPLACED | MOVED => {
            let version = sessions.find(&from, NOW).await?.unwrap().version;
            let session = marked(id, step);
            let written = if step == REPLACED {
                sessions.replace(&from, version, &session, brought).await?
            } else {
                sessions.rotate(&from, version, to, &session, brought).await?
            };
            assert_eq!(written, Written::Done);
        }
        REMOVED => assert!(sessions.remove(&to).await?),
        BEGUN => store.attempts.begin(attempt_key(id), &pending_login(id)).await?,
        _ => assert!(store.attempts.consume(&attempt_key(id), SOON).await?.is_some()),
    }
    Ok(())
}

/// After `step` was acknowledged, a store shows that step or the one that was under way.
async fn check(store: &Ports, id: &str, step: u64) {
    let number: u64 = id.split('-').nth(1).unwrap().parse().unwrap();
    let next = (step + 1).min(steps_of(number));
    let (at_first, at_last) = (found(store, id, CREATED).await, found(store, id, MOVED).await);
    let shown = match (at_first, at_last) {
        (Some(step @ (CREATED | REPLACED)), None) | (None, Some(step @ MOVED)) => step,
        (None, None) => REMOVED,
        both => panic!("{id} is in two places or none of its own: {both:?}"),
    };
    let known = |step: u64| step.min(REMOVED);
    assert!(shown == known(step) || shown == known(next), "{id}: {shown} after {step}");
}

/// Attempts wait for no disk, but what is durable has all before it durable too: once the worker's
/// next session was acknowledged, its attempt is as it was.
async fn check_attempt(store: &Ports, id: &str, step: u64) {
    let there = store.attempts.consume(&attempt_key(id), SOON).await.unwrap().is_some();
    assert!(!there || step == BEGUN, "{id}: a consumed attempt is back");
    assert!(there || step == CONSUMED, "{id}: an attempt is lost");
}

fn next_of_the_worker(id: &str) -> String {
    let (round, number) = id.split_once('-').unwrap();
    format!("{round}-{}", number.parse::<u64>().unwrap() + WORKERS)
}

/// Which step the session shows at the place of `step`, whole and with the tokens of that step.
async fn found(store: &Ports, id: &str, step: u64) -> Option<u64> {
    let key = place(id, step);
    let session = store.sessions.find(&key, NOW).await.unwrap();
    let tokens_there = store.tokens.find_tokens(&key, &zofias_account()).await.unwrap();
    let Some(session) = session else {
        assert_eq!(tokens_there, None, "{id}: tokens without a session");
        return None;
    };
    let shown = session.value.accounts[0].warnings[0].parse().unwrap();
    assert_eq!(session.value, marked(id, shown));
    assert_eq!(tokens_there, Some(tokens(&shown.to_string())), "{id}");
    Some(shown)
}
