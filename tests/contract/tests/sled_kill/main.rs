//! A Portico that is killed at any moment: no acknowledged session is lost, none that was removed
//! comes back, and the store opens each time.
//!
//! The tests start themselves as another process, which works on the store and prints every step
//! once it is acknowledged, and kill it (SIGKILL). What this cannot show is a loss of power: what a
//! killed process has written, the system still has. `make kill` asks for more kills.
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
    steps::{REMOVED, SPENT, Told},
};

/// How many kills each test is asked for.
const KILLS: &str = "PORTICO_KILLS";

fn kills() -> u64 {
    env::var(KILLS).map_or(40, |kills| kills.parse().unwrap())
}

/// What all the processes that were killed have said, and the store they said it of.
struct Trial {
    folder: TempDir,
    runtime: Runtime,
    told: Told,
    /// How long the store took to open the last time.
    opening: Duration,
    begun: Instant,
}

impl Trial {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let opening = Duration::from_millis(10);
        Self { folder, runtime, told: Told::new(), opening, begun: Instant::now() }
    }

    /// Starts a process that works on the store for `moment`, and kills it.
    fn kill_at_work(&self, round: u64, moment: Duration) -> Told {
        let process = Process::start(self.folder.path(), round);
        assert!(process.opened_within(Duration::MAX), "it ended before it was killed");
        process::pass(moment);
        process.kill()
    }

    /// Starts a process and kills it `moment` after it began to open the store; whether it had not
    /// opened it yet, and what it said where it had.
    fn kill_at_start(&self, round: u64, moment: Duration) -> (bool, Told) {
        let process = Process::start(self.folder.path(), round);
        let opened = process.opened_within(moment);
        let told = process.kill();
        (!opened && told.is_empty(), told)
    }

    /// Opens the store and looks at everything that has been said since the last time.
    fn check(&mut self, told: Told) {
        let begun = Instant::now();
        let store = open(self.folder.path());
        self.opening = begun.elapsed();
        for (id, step) in &told {
            self.runtime.block_on(steps::check(&store, id, *step));
            if *step >= SPENT && told.contains_key(&steps::next_of_the_worker(id)) {
                self.runtime.block_on(steps::check_attempt(&store, id));
            }
        }
        self.told.extend(told);
    }

    /// Looks at everything once more, and says how much there was.
    fn end(self, killed: &str) -> usize {
        let store = open(self.folder.path());
        for (id, step) in &self.told {
            self.runtime.block_on(steps::check(&store, id, *step));
        }
        let removed = self.told.values().filter(|step| **step >= REMOVED).count();
        let (sessions, seconds) = (self.told.len(), self.begun.elapsed().as_secs());
        println!(
            "{killed}: {sessions} acknowledged sessions as they should be, {removed} of them removed \
             and not back, in {seconds} s"
        );
        sessions
    }
}

#[test]
fn kill_during_writes_keeps_acknowledged_changes() {
    if let Some((folder, round)) = process::asked() {
        return work(&folder, round);
    }
    let (kills, mut trial) = (kills(), Trial::new());
    for round in 0..kills {
        // Any moment of the first fifth of a second: 7,919 is prime, so they all differ.
        let moment = Duration::from_micros(round * 7_919 * 127 % 200_000);
        let told = trial.kill_at_work(round, moment);
        trial.check(told);
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
        // Something to open: a log that ends in the middle of its work.
        let mut told = trial.kill_at_work(rounds.next().unwrap(), Duration::from_millis(30));
        at_work += 1;
        // Then one start after the other that never succeeds, nobody mending anything in between.
        for _ in 0..5 {
            let round = rounds.next().unwrap();
            let moment = trial.opening.mul_f64((round * 7_919 % 1_000) as f64 / 1_000.0);
            let (while_opening, said) = trial.kill_at_start(round, moment);
            opening += u64::from(while_opening);
            later += u64::from(!while_opening);
            told.extend(said);
        }
        trial.check(told);
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

/// The other process: works until it is killed.
fn work(folder: &Path, round: u64) {
    process::tell("opening");
    let store = open(folder);
    process::tell("open");
    Runtime::new().unwrap().block_on(steps::work(&store, round));
}
