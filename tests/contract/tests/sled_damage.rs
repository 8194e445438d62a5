//! Damage to the files of a closed store: it either opens with every acknowledged session and none that
//! was ended, or fails to open as damaged.
//!
//! Sled alone opens after silently skipping what it cannot read of its log.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "figures are shown")]

mod support;

use std::{
    env,
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use portico_contract::{
    Ports,
    samples::{NOW, key, tokens, zofias, zofias_account},
};
use portico_domain::session::Session;
use portico_domain::testing::SessionsExt as _;
use portico_sled::{OpenError, Options, SledRecords};
use tempfile::TempDir;

/// The number of bytes of each data file that are changed, one at a time.
const BYTES: &str = "PORTICO_CHANGED_BYTES";

/// A closed store whose copies are damaged.
struct Original {
    parent: TempDir,
    /// The folder now, and before the last sessions ended.
    now: PathBuf,
    earlier: PathBuf,
    sessions: usize,
    size: usize,
}

/// The result of opening a damaged copy.
#[derive(Debug, PartialEq, Eq)]
enum Opened {
    Whole,
    Damaged,
}

impl Original {
    /// Creates a store with this number of sessions of `size` bytes; every third has ended.
    async fn new(sessions: usize, size: usize) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let (now, earlier) = (parent.path().join("now"), parent.path().join("earlier"));
        let original = Self { parent, now, earlier, sessions, size };
        let ports = open(&original.now).unwrap();
        for number in 0..sessions {
            let brought = vec![(zofias_account(), tokens("hers"))];
            let session = original.session(number);
            ports.sessions.create(key(&number.to_string()), &session, brought).await.unwrap();
        }
        drop(ports);
        // Opening it again creates a snapshot.
        drop(open(&original.now).unwrap());
        copy(&original.now, &original.earlier);
        let ports = open(&original.now).unwrap();
        for number in (0..sessions).step_by(3) {
            assert!(ports.sessions.remove(&key(&number.to_string())).await.unwrap());
        }
        drop(ports);
        original
    }

    fn session(&self, number: usize) -> Session {
        let mut session = zofias();
        session.accounts[0].warnings = vec![number.to_string().repeat(self.size / 2)];
        session
    }

    /// Opens a copy after applying `damage` to it.
    async fn damaged(&self, damage: impl FnOnce(&Path)) -> Opened {
        let dir = self.parent.path().join("copy");
        copy(&self.now, &dir);
        damage(&dir);
        let opened = match open(&dir) {
            Ok(ports) => {
                self.assert_whole(&ports).await;
                Opened::Whole
            }
            Err(OpenError::Damaged { .. }) => Opened::Damaged,
            Err(other) => panic!("{other}"),
        };
        fs::remove_dir_all(dir).unwrap();
        opened
    }

    async fn assert_whole(&self, ports: &Ports) {
        for number in 0..self.sessions {
            let found = ports.sessions.find(&key(&number.to_string()), NOW).await.unwrap();
            let expected = (number % 3 != 0).then(|| self.session(number));
            assert_eq!(found.map(|found| found.value), expected, "session {number}");
        }
    }
}

fn open(dir: &Path) -> Result<Ports, OpenError> {
    Ok(support::sealed(Arc::new(SledRecords::open(dir, Options::default())?)))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in files(from) {
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}

fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.metadata().unwrap().is_file());
    let mut names: Vec<_> = files.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

/// The length of the written part of a file: sled pads it with zeros.
fn written(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1)
}

fn change_byte(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1 << (at % 8)], at).unwrap();
}

/// Changes bytes throughout each file, more of them in a large one.
async fn change_bytes(original: &Original) {
    let bytes = env::var(BYTES).map_or(60, |bytes| bytes.parse().unwrap());
    let mut damaged = 0;
    for file in files(&original.now) {
        let length = written(&original.now.join(&file));
        let places = if file == "db" { bytes } else { length.min(20) };
        for place in 0..places {
            // Not aligned with sled's structures.
            let at = (length * place / places + place * 7_919 % 977).min(length - 1);
            let opened = original.damaged(|dir| change_byte(&dir.join(&file), at)).await;
            damaged += u64::from(file == "db" && opened == Opened::Damaged);
        }
    }
    println!(
        "{damaged} of {bytes} changed bytes of the data file were noticed, the others harmless"
    );
    assert!(damaged > 0);
}

#[tokio::test]
async fn changed_byte_of_a_small_store_is_harmless_or_reported() {
    change_bytes(&Original::new(6, 100).await).await;
}

#[tokio::test]
async fn changed_byte_of_a_store_of_many_segments_is_harmless_or_reported() {
    let original = Original::new(90, 40_000).await;
    assert!(length(&original.now.join("db")) > 4 * 512 * 1024);
    change_bytes(&original).await;
}

#[tokio::test]
async fn truncated_or_missing_file_is_harmless_or_reported() {
    for original in [Original::new(6, 100).await, Original::new(90, 40_000).await] {
        for file in files(&original.now) {
            original.damaged(|dir| fs::remove_file(dir.join(&file)).unwrap()).await;
            let length = length(&original.now.join(&file));
            for part in 0..8 {
                let cut = |dir: &Path| {
                    let file = OpenOptions::new().write(true).open(dir.join(&file)).unwrap();
                    file.set_len(length * part / 8).unwrap();
                };
                original.damaged(cut).await;
            }
        }
    }
}

#[tokio::test]
async fn older_files_under_a_newer_mark_are_damaged() {
    let original = Original::new(30, 20_000).await;
    let older = files(&original.earlier);
    let older: Vec<_> = older.iter().filter(|file| *file != "portico.mark").collect();
    for some in 1..1 << older.len() {
        let chosen = older.iter().enumerate().filter(|(index, _)| some >> index & 1 == 1);
        let chosen: Vec<_> = chosen.map(|(_, file)| *file).collect();
        let swap = |dir: &Path| {
            for file in &chosen {
                fs::copy(original.earlier.join(file), dir.join(file)).unwrap();
            }
        };
        let opened = original.damaged(swap).await;
        let old_data = chosen.iter().any(|file| *file == "db");
        assert!(!old_data || opened == Opened::Damaged, "{chosen:?}");
    }
}

#[tokio::test]
async fn store_without_its_mark_is_damaged() {
    let original = Original::new(6, 100).await;
    let opened = original.damaged(|dir| fs::remove_file(dir.join("portico.mark")).unwrap()).await;
    assert_eq!(opened, Opened::Damaged);
}

#[tokio::test]
async fn files_of_another_store_are_damaged() {
    let (original, other) = (Original::new(6, 100).await, Original::new(60, 100).await);
    let swap = |dir: &Path| {
        for file in files(&other.now).iter().filter(|file| *file != "portico.mark") {
            fs::copy(other.now.join(file), dir.join(file)).unwrap();
        }
    };
    assert_eq!(original.damaged(swap).await, Opened::Damaged);
}

/// A restored backup is not reported: it is consistent.
#[tokio::test]
async fn copy_of_the_whole_folder_opens_with_its_contents() {
    let original = Original::new(6, 100).await;
    let ports = open(&original.earlier).unwrap();
    for number in 0..6 {
        assert!(ports.sessions.find(&key(&number.to_string()), NOW).await.unwrap().is_some());
    }
}

/// As after a kill: the folder is copied while the store is open.
#[tokio::test]
async fn copy_of_an_open_store_opens_with_all_sessions() {
    let parent = tempfile::tempdir().unwrap();
    let ports = open(&parent.path().join("open")).unwrap();
    for number in 0..20 {
        let id = key(&number.to_string());
        ports.sessions.create(id, &zofias(), vec![]).await.unwrap();
        let dir = parent.path().join(format!("copy-{number}"));
        copy(&parent.path().join("open"), &dir);
        let copied = open(&dir).unwrap();
        assert!(copied.sessions.find(&id, NOW).await.unwrap().is_some(), "{number}");
    }
}
