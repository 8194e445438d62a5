//! A small disk that can be filled.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use portico_e2e::Settings;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Mounts a tmpfs of `$1` MiB on the folder `$0` and keeps the mount until stdin closes.
const MOUNT: &str = r#"mount -t tmpfs -o size="$1"m tmpfs "$0" && echo mounted && exec cat"#;

/// A tmpfs in a user and mount namespace of its own (unshare(1)), which needs no root. It outlives
/// the processes that use it and is gone when this is dropped.
pub struct Disk {
    /// Holds the namespace open.
    keeper: Child,
    folder: TempDir,
}

impl Disk {
    /// A disk of this many MiB.
    pub async fn new(mebibytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", MOUNT])
            .arg(folder.path())
            .arg(mebibytes.to_string())
            // `cat` runs until its stdin is closed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let mounted = output.next_line().await.unwrap();
        assert_eq!(mounted.as_deref(), Some("mounted"), "unshare(1) cannot mount a disk here");
        Self { keeper, folder }
    }

    /// Makes the program run in the disk's namespace, with the disk's folder as working directory.
    pub fn run_on(&self, settings: &mut Settings) {
        let keeper = self.keeper.id().unwrap().to_string();
        let folder = self.folder.path();
        settings.folder(folder).launch_by(&[
            "nsenter",
            "--target",
            &keeper,
            "--user",
            "--mount",
            "--preserve-credentials",
            "sh",
            "-c",
            // nsenter keeps the working directory of the namespace outside.
            r#"cd "$0" && exec "$@""#,
            folder.to_str().unwrap(),
        ]);
    }

    /// The disk's folder as a path outside of its namespace.
    pub fn path(&self) -> PathBuf {
        let inside = self.folder.path().strip_prefix("/").unwrap();
        Path::new("/proc").join(self.keeper.id().unwrap().to_string()).join("root").join(inside)
    }

    /// Free bytes.
    pub fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(self.path()).unwrap();
        disk.f_bavail * disk.f_frsize
    }

    /// Writes a filler file until at most `free` bytes are free.
    pub fn fill_up_to(&self, free: u64) {
        let mut filler = self.filler();
        let piece = [7_u8; 4_096];
        while self.free() > free {
            match filler.write_all(&piece) {
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                written => written.unwrap(),
            }
        }
    }

    /// Removes the filler file.
    pub fn remove_filler(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }

    fn filler(&self) -> File {
        let path = self.path().join("filler");
        OpenOptions::new().create(true).append(true).open(path).unwrap()
    }
}
