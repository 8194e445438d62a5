//! A wall clock that several processes share and a test moves, by Debian's `libfaketime`.
//!
//! The library replaces clock_gettime(2) in the processes that load it: it adds an offset to the
//! machine's time, which it reads from a file at each call. The monotonic clock is the machine's, so
//! timeouts last as long as without it.

use std::{fs, path::PathBuf, time::Duration};

use tempfile::TempDir;

/// The clock of the processes that are started with its [variables](SharedClock::variables).
pub struct SharedClock {
    library: PathBuf,
    /// Contains the file with the offset.
    folder: TempDir,
    offset: Duration,
    processes: Vec<u32>,
}

impl SharedClock {
    /// A clock that is as far as the machine's.
    pub fn new() -> Self {
        let (library, folder) = (library(), tempfile::tempdir().unwrap());
        let clock = Self { library, folder, offset: Duration::ZERO, processes: vec![] };
        clock.write();
        clock
    }

    /// The environment variables of a process that has this clock.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("LD_PRELOAD", text(self.library.clone())),
            ("FAKETIME_TIMESTAMP_FILE", text(self.file())),
            // By default, the library reads the file every ten seconds.
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            // A file that did not change would seem to change whenever the clock is moved.
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
    }

    /// Removes what the library has in shared memory for this process when the clock is dropped: a
    /// process that is killed leaves it, and the next one with the same id could not start.
    pub fn clean_up_after(&mut self, process: u32) {
        self.processes.push(process);
    }

    /// Sets the clock ahead.
    pub fn advance(&mut self, by: Duration) {
        self.offset += by;
        self.write();
    }

    /// How far the clock is ahead of the machine's.
    pub fn offset(&self) -> Duration {
        self.offset
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// By a rename, since processes read the file at any moment.
    fn write(&self) {
        let new = self.folder.path().join("new");
        fs::write(&new, format!("+{}\n", self.offset.as_secs())).unwrap();
        fs::rename(new, self.file()).unwrap();
    }
}

impl Default for SharedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for SharedClock {
    fn drop(&mut self) {
        for process in &self.processes {
            for name in ["faketime_shm", "sem.faketime_sem"] {
                // A process that was not killed has removed it.
                let _ = fs::remove_file(format!("/dev/shm/{name}_{process}"));
            }
        }
    }
}

/// The variant of the library for programs with threads. Its folder is named after the architecture.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().filter_map(Result::ok);
    let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let library = libraries.find(|library| library.exists());
    library.expect("libfaketime is missing: scripts/setup test installs it")
}
