//! The process that is killed: how it is started, what it says, and its end.

use std::{
    env,
    io::{BufRead, BufReader, Lines},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::steps::Told;

/// The test that works on the store where it is asked to.
const WORKER: &str = "kill_during_writes_keeps_acknowledged_changes";

/// The folder of the store and the number of the process; only the one that will be killed has
/// them.
const FOLDER: &str = "PORTICO_KILL_TEST_FOLDER";
const ROUND: &str = "PORTICO_KILL_TEST_ROUND";

const SIGKILL: i32 = 9;

/// In the process that will be killed: what it shall work on.
pub(crate) fn asked() -> Option<(PathBuf, u64)> {
    let folder = env::var(FOLDER).ok()?;
    Some((folder.into(), env::var(ROUND).unwrap().parse().unwrap()))
}

/// In the process that will be killed: says that something has begun or is done.
pub(crate) fn tell(what: &str) {
    // On a line of its own, whatever the test's harness has written before.
    println!("\n{what} .");
}

/// Waits: the moment of a kill has to vary, and nothing tells of it.
pub(crate) fn pass(moment: Duration) {
    thread::sleep(moment);
}

/// A process that works on the store.
pub(crate) struct Process {
    child: Child,
    opened: Receiver<()>,
    reader: JoinHandle<Told>,
}

impl Process {
    /// Starts it, and comes back when it begins to open the store.
    pub(crate) fn start(folder: &Path, round: u64) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", WORKER, "--nocapture"])
            .env(FOLDER, folder)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ((begins, begun), (opens, opened)) = (mpsc::channel(), mpsc::channel());
        let reader = thread::spawn(move || read(lines, &begins, &opens));
        begun.recv().unwrap();
        Self { child, opened, reader }
    }

    /// Whether it has opened the store, after `moment` or as soon as it has.
    pub(crate) fn opened_within(&self, moment: Duration) -> bool {
        match self.opened.recv_timeout(moment) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => panic!("it could not open the store"),
        }
    }

    /// Kills it; which step of which session it was told last.
    pub(crate) fn kill(mut self) -> Told {
        self.child.kill().unwrap();
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.signal(), Some(SIGKILL), "it ended before it was killed: {ended}");
        self.reader.join().unwrap()
    }
}

fn read(lines: Lines<BufReader<ChildStdout>>, begins: &Sender<()>, opens: &Sender<()>) -> Told {
    let mut told = Told::new();
    // A kill can cut the last line; a step counts when its line is whole.
    for line in lines.map_while(Result::ok) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["opening", "."] => begins.send(()).unwrap(),
            // Nobody may wait for it any more.
            ["open", "."] => drop(opens.send(())),
            ["done", id, step, "."] => drop(told.insert(id.to_owned(), step.parse().unwrap())),
            _ => {}
        }
    }
    told
}
