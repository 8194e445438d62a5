//! The process that is killed: its start, output and end.

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

use crate::steps::Acknowledged;

/// The test that the second process runs.
const WORKER: &str = "kill_during_writes_keeps_acknowledged_changes";

/// Environment variables of the process that will be killed: the folder of the store and the number of
/// the process.
const FOLDER: &str = "PORTICO_KILL_TEST_FOLDER";
const ROUND: &str = "PORTICO_KILL_TEST_ROUND";

const SIGKILL: i32 = 9;

/// In the process that will be killed: the folder of the store and the number of the process.
pub(crate) fn worker_arguments() -> Option<(PathBuf, u64)> {
    let folder = env::var(FOLDER).ok()?;
    Some((folder.into(), env::var(ROUND).unwrap().parse().unwrap()))
}

/// In the process that will be killed: prints that a step has begun or is done.
pub(crate) fn print(step: &str) {
    // The test harness may have printed the beginning of a line.
    println!("\n{step} .");
}

/// Sleeps: the time of a kill has to vary, and there is no event to wait for.
pub(crate) fn sleep(delay: Duration) {
    thread::sleep(delay);
}

/// A process that writes to the store.
pub(crate) struct Process {
    child: Child,
    opened: Receiver<()>,
    reader: JoinHandle<Acknowledged>,
}

impl Process {
    /// Starts the process and waits until it begins to open the store.
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

    /// Waits for at most `timeout` until the process has opened the store. Returns whether it has.
    pub(crate) fn opened_within(&self, timeout: Duration) -> bool {
        match self.opened.recv_timeout(timeout) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => panic!("the process could not open the store"),
        }
    }

    /// Kills the process. Returns the last acknowledged step of each session.
    pub(crate) fn kill(mut self) -> Acknowledged {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(SIGKILL), "it ended before the kill: {status}");
        self.reader.join().unwrap()
    }
}

fn read(
    lines: Lines<BufReader<ChildStdout>>,
    begins: &Sender<()>,
    opens: &Sender<()>,
) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    // A kill can truncate the last line; a step counts if its line is complete.
    for line in lines.map_while(Result::ok) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["opening", "."] => begins.send(()).unwrap(),
            // The receiver may be gone.
            ["open", "."] => drop(opens.send(())),
            ["done", id, step, "."] => {
                acknowledged.insert(id.to_owned(), step.parse().unwrap());
            }
            _ => {}
        }
    }
    acknowledged
}
