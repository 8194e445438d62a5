//! SIGKILL at any time: no acknowledged session is lost, no removed session reappears, and the store opens
//! every time.
//!
//! The test starts itself as a second process, which writes to the store and prints each step after it
//! was acknowledged, and kills it. A loss of power is not covered, since the writes of a killed process
//! stay in the page cache. `make kill` runs more kills.
#![allow(clippy::print_stdout, reason = "prints figures; the killed process prints its steps")]

mod process;
mod steps;
#[path = "../support/mod.rs"]
mod support;

use std::{
    env,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use portico_contract::Ports;
use portico_sled::{Options, SledRecords};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::{
    process::Process,
    steps::{Acknowledged, REMOVED, SPENT},
};

/// The environment variable with the number of kills of each test.
const KILLS: &str = "PORTICO_KILLS";

fn kills() -> u64 {
    env::var(KILLS).map_or(40, |kills| kills.parse().unwrap())
}

/// The store, and the acknowledged steps of all killed processes.
struct Trial {
    folder: TempDir,
    runtime: Runtime,
    acknowledged: Acknowledged,
    /// How long the store took to open the last time.
    open_time: Duration,
    begun: Instant,
}

impl Trial {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let open_time = Duration::from_millis(10);
        Self {
            folder,
            runtime,
            acknowledged: Acknowledged::new(),
            open_time,
            begun: Instant::now(),
        }
    }

    /// Starts a process that writes to the store and kills it after `delay`.
    fn kill_during_writes(&self, round: u64, delay: Duration) -> Acknowledged {
        let process = Process::start(self.folder.path(), round);
        assert!(process.opened_within(Duration::MAX), "the process ended before the kill");
        process::sleep(delay);
        process.kill()
    }

    /// Starts a process and kills it `delay` after it began to open the store. Returns whether the store
    /// was not open yet, and the acknowledged steps.
    fn kill_during_open(&self, round: u64, delay: Duration) -> (bool, Acknowledged) {
        let process = Process::start(self.folder.path(), round);
        let opened = process.opened_within(delay);
        let acknowledged = process.kill();
        (!opened && acknowledged.is_empty(), acknowledged)
    }

    /// Opens the store and checks all steps that were acknowledged since the last check.
    fn check(&mut self, acknowledged: Acknowledged) {
        let begun = Instant::now();
        let store = open(self.folder.path());
        self.open_time = begun.elapsed();
        for (id, step) in &acknowledged {
            self.runtime.block_on(steps::check(&store, id, *step));
            if *step >= SPENT && acknowledged.contains_key(&steps::next_of_worker(id)) {
                self.runtime.block_on(steps::check_attempt(&store, id));
            }
        }
        self.acknowledged.extend(acknowledged);
    }

    /// Checks everything again and prints the totals.
    fn finish(self, kills: &str) -> usize {
        let store = open(self.folder.path());
        for (id, step) in &self.acknowledged {
            self.runtime.block_on(steps::check(&store, id, *step));
        }
        let removed = self.acknowledged.values().filter(|step| **step >= REMOVED).count();
        let (sessions, seconds) = (self.acknowledged.len(), self.begun.elapsed().as_secs());
        println!(
            "{kills}: {sessions} acknowledged sessions are correct, {removed} of them removed, in \
             {seconds} s"
        );
        sessions
    }
}

#[test]
fn kill_during_writes_keeps_acknowledged_changes() {
    if let Some((folder, round)) = process::worker_arguments() {
        return work(&folder, round);
    }
    let (kills, mut trial) = (kills(), Trial::new());
    for round in 0..kills {
        // Within 200 ms; 7,919 is prime, so that all delays differ.
        let delay = Duration::from_micros(round * 7_919 * 127 % 200_000);
        let acknowledged = trial.kill_during_writes(round, delay);
        trial.check(acknowledged);
    }
    let sessions = trial.finish(&format!("{kills} kills during writes"));
    assert!(sessions as u64 > 10 * kills, "{sessions}");
}

#[test]
fn kill_during_open_keeps_acknowledged_changes() {
    let (kills, mut trial) = (kills(), Trial::new());
    let (mut during_open, mut after_open, mut during_writes) = (0, 0, 0);
    let mut rounds = 0..;
    // On a busy machine fewer changes are acknowledged before a kill, and more kills are needed.
    while during_open < kills || trial.acknowledged.len() as u64 <= kills {
        // Leaves a log that ends in the middle of a write.
        let mut acknowledged =
            trial.kill_during_writes(rounds.next().unwrap(), Duration::from_millis(30));
        during_writes += 1;
        // Then several opens in a row are killed.
        for _ in 0..5 {
            let round = rounds.next().unwrap();
            let delay = trial.open_time.mul_f64((round * 7_919 % 1_000) as f64 / 1_000.0);
            let (was_opening, more) = trial.kill_during_open(round, delay);
            during_open += u64::from(was_opening);
            after_open += u64::from(!was_opening);
            acknowledged.extend(more);
        }
        trial.check(acknowledged);
        assert!(after_open <= 20 + during_open, "{after_open} kills came too late");
    }
    let description = format!(
        "{} kills: {during_open} during open, {after_open} after it, {during_writes} during writes",
        during_open + after_open + during_writes
    );
    trial.finish(&description);
}

fn open(folder: &Path) -> Ports {
    support::sealed(Arc::new(SledRecords::open(folder, Options::default()).unwrap()))
}

/// The second process: writes until it is killed.
fn work(folder: &Path, round: u64) {
    process::print("opening");
    let store = open(folder);
    process::print("open");
    Runtime::new().unwrap().block_on(steps::work(&store, round));
}
