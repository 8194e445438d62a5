//! A kill at any moment: no acknowledged session is lost, no removed one reappears, and the store opens
//! every time.
//!
//! The tests start themselves as another process, which writes to the store and prints every step once
//! it is acknowledged, and kill it (SIGKILL). A loss of power is not covered: what a killed process has
//! written stays in the page cache. `make kill` runs more kills.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "figures are shown, and the killed process tells its own")]

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

/// The number of kills of each test.
const KILLS: &str = "PORTICO_KILLS";

fn kills() -> u64 {
    env::var(KILLS).map_or(40, |kills| kills.parse().unwrap())
}

/// The store, and the acknowledged steps of all killed processes.
struct Trial {
    folder: TempDir,
    runtime: Runtime,
    acknowledged: Acknowledged,
    /// The duration of the last opening of the store.
    opening: Duration,
    begun: Instant,
}

impl Trial {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let opening = Duration::from_millis(10);
        Self { folder, runtime, acknowledged: Acknowledged::new(), opening, begun: Instant::now() }
    }

    /// Starts a process that writes to the store and kills it after `moment`.
    fn kill_at_work(&self, round: u64, moment: Duration) -> Acknowledged {
        let process = Process::start(self.folder.path(), round);
        assert!(process.opened_within(Duration::MAX), "it ended before it was killed");
        process::sleep(moment);
        process.kill()
    }

    /// Starts a process and kills it `moment` after it began to open the store. Returns whether it had not
    /// opened it yet, and its acknowledged steps.
    fn kill_at_start(&self, round: u64, moment: Duration) -> (bool, Acknowledged) {
        let process = Process::start(self.folder.path(), round);
        let opened = process.opened_within(moment);
        let acknowledged = process.kill();
        (!opened && acknowledged.is_empty(), acknowledged)
    }

    /// Opens the store and checks all steps that were acknowledged since the last check.
    fn check(&mut self, acknowledged: Acknowledged) {
        let begun = Instant::now();
        let store = open(self.folder.path());
        self.opening = begun.elapsed();
        for (id, step) in &acknowledged {
            self.runtime.block_on(steps::check(&store, id, *step));
            if *step >= SPENT && acknowledged.contains_key(&steps::next_of_the_worker(id)) {
                self.runtime.block_on(steps::check_attempt(&store, id));
            }
        }
        self.acknowledged.extend(acknowledged);
    }

    /// Checks everything again and prints the totals.
    fn end(self, killed: &str) -> usize {
        let store = open(self.folder.path());
        for (id, step) in &self.acknowledged {
            self.runtime.block_on(steps::check(&store, id, *step));
        }
        let removed = self.acknowledged.values().filter(|step| **step >= REMOVED).count();
        let (sessions, seconds) = (self.acknowledged.len(), self.begun.elapsed().as_secs());
        println!(
            "{killed}: {sessions} acknowledged sessions as they should be, {removed} of them removed \
             and not back, in {seconds} s"
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
        // A moment in the first fifth of a second: 7,919 is prime, so all moments differ.
        let moment = Duration::from_micros(round * 7_919 * 127 % 200_000);
        let acknowledged = trial.kill_at_work(round, moment);
        trial.check(acknowledged);
    }
    let sessions = trial.end(&format!("{kills} kills while writing"));
    assert!(sessions as u64 > 10 * kills, "{sessions}");
}

#[test]
fn kill_during_open_keeps_acknowledged_changes() {
    let (kills, mut trial) = (kills(), Trial::new());
    let (mut opening, mut later, mut at_work) = (0, 0, 0);
    let mut rounds = 0..;
    while opening < kills {
        // A log that ends in the middle of a write.
        let mut acknowledged =
            trial.kill_at_work(rounds.next().unwrap(), Duration::from_millis(30));
        at_work += 1;
        // Then consecutive starts that are killed, without a successful one in between.
        for _ in 0..5 {
            let round = rounds.next().unwrap();
            let moment = trial.opening.mul_f64((round * 7_919 % 1_000) as f64 / 1_000.0);
            let (while_opening, more) = trial.kill_at_start(round, moment);
            opening += u64::from(while_opening);
            later += u64::from(!while_opening);
            acknowledged.extend(more);
        }
        trial.check(acknowledged);
        assert!(later <= 20 + opening, "{} of the kills came too late", later);
    }
    let killed = format!(
        "{} kills, {opening} of them while opening, {later} just after it and {at_work} while writing",
        opening + later + at_work
    );
    let sessions = trial.end(&killed);
    assert!(sessions as u64 > kills, "{sessions}");
}

fn open(folder: &Path) -> Ports {
    support::sealed(Arc::new(SledRecords::open(folder, Options::default()).unwrap()))
}

/// The other process: writes until it is killed.
fn work(folder: &Path, round: u64) {
    process::print("opening");
    let store = open(folder);
    process::print("open");
    Runtime::new().unwrap().block_on(steps::work(&store, round));
}
