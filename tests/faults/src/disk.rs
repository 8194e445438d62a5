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

/// Mounts a disk of `$1` MiB on the folder `$0` and keeps it.
const MOUNT: &str = r#"mount -t tmpfs -o size="$1"m tmpfs "$0" && echo mounted && exec cat"#;

/// A disk in memory, mounted where this user may mount: in a namespace of its own (`unshare`). It
/// lasts until it is dropped, whoever of its users is killed.
pub struct Disk {
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
            // It stays while nobody closes its input.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let mounted = said.next_line().await.unwrap();
        assert_eq!(mounted.as_deref(), Some("mounted"), "unshare(1) cannot mount a disk here");
        Self { keeper, folder }
    }

    /// Has the program run where the disk is mounted, in the disk's folder.
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
            // A working directory is kept from before the disk was entered.
            r#"cd "$0" && exec "$@""#,
            folder.to_str().unwrap(),
        ]);
    }

    /// The disk's folder as it is seen from outside.
    pub fn path(&self) -> PathBuf {
        let inside = self.folder.path().strip_prefix("/").unwrap();
        Path::new("/proc").join(self.keeper.id().unwrap().to_string()).join("root").join(inside)
    }

    /// How many bytes are free.
    pub fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(self.path()).unwrap();
        disk.f_bavail * disk.f_frsize
    }

    /// Fills it with something else until only so many bytes are free.
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

    /// Removes what filled it.
    pub fn make_room(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }

    fn filler(&self) -> File {
        let path = self.path().join("filler");
        OpenOptions::new().create(true).append(true).open(path).unwrap()
    }
}
