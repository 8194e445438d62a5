//! Damage to the files of a closed store: opening either fails with [`OpenError::Damaged`] or yields
//! every acknowledged session and no ended one.
//!
//! Sled alone opens, silently skipping the unreadable parts of its log.
#![allow(clippy::print_stdout, reason = "prints figures")]

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
    samples::{NOW, key, tokens, zofia_account_id, zofia_session},
};
use portico_domain::session::Session;
use portico_domain::testing::SessionsExt as _;
use portico_sled::{OpenError, Options, SledRecords};
use rstest::rstest;
use tempfile::TempDir;

/// The environment variable with the number of bytes to change in the data file, one at a time.
const CHANGED_BYTES: &str = "PORTICO_CHANGED_BYTES";

/// A closed store whose copies are damaged.
struct Original {
    parent: TempDir,
    /// The folder of the store.
    current: PathBuf,
    /// A copy of the folder from before the last sessions ended.
    earlier: PathBuf,
    sessions: usize,
    size: usize,
}

/// The result of opening a copy that may be damaged.
#[derive(Debug, PartialEq, Eq)]
enum Opened {
    /// It opened with the expected sessions.
    Intact,
    /// It failed to open as damaged.
    Damaged,
}

impl Original {
    /// Creates a store with this number of sessions of `size` bytes; every third has ended.
    async fn new(sessions: usize, size: usize) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let (current, earlier) = (parent.path().join("current"), parent.path().join("earlier"));
        let original = Self { parent, current, earlier, sessions, size };
        let ports = open(&original.current).unwrap();
        for number in 0..sessions {
            let new_tokens = vec![(zofia_account_id(), tokens("zofia"))];
            let session = original.session(number);
            ports.sessions.create(key(&number.to_string()), &session, new_tokens).await.unwrap();
        }
        drop(ports);
        // Opening it again creates a snapshot.
        drop(open(&original.current).unwrap());
        copy(&original.current, &original.earlier);
        let ports = open(&original.current).unwrap();
        for number in (0..sessions).step_by(3) {
            assert!(ports.sessions.remove(&key(&number.to_string())).await.unwrap());
        }
        drop(ports);
        original
    }

    fn session(&self, number: usize) -> Session {
        let mut session = zofia_session();
        session.accounts[0].warnings = vec![number.to_string().repeat(self.size / 2)];
        session
    }

    /// Opens a copy after applying `damage` to it. If it opens, it must contain the expected sessions.
    async fn open_damaged(&self, damage: impl FnOnce(&Path)) -> Opened {
        let dir = self.parent.path().join("copy");
        copy(&self.current, &dir);
        damage(&dir);
        let opened = match open(&dir) {
            Ok(ports) => {
                self.assert_sessions(&ports).await;
                Opened::Intact
            }
            Err(OpenError::Damaged { .. }) => Opened::Damaged,
            Err(other) => panic!("{other}"),
        };
        fs::remove_dir_all(dir).unwrap();
        opened
    }

    async fn assert_sessions(&self, ports: &Ports) {
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

/// The length of a file without the zeros with which sled pads it.
fn written_length(path: &Path) -> u64 {
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
    let bytes = env::var(CHANGED_BYTES).map_or(60, |bytes| bytes.parse().unwrap());
    let mut damaged = 0;
    for file in files(&original.current) {
        let length = written_length(&original.current.join(&file));
        let places = if file == "db" { bytes } else { length.min(20) };
        for place in 0..places {
            // The stride is not aligned with the structures of sled.
            let at = (length * place / places + place * 7_919 % 977).min(length - 1);
            let opened = original.open_damaged(|dir| change_byte(&dir.join(&file), at)).await;
            damaged += u64::from(file == "db" && opened == Opened::Damaged);
        }
    }
    println!(
        "{damaged} of {bytes} changed bytes of the data file were detected, the others harmless"
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
    assert!(length(&original.current.join("db")) > 4 * 512 * 1024);
    change_bytes(&original).await;
}

#[rstest]
#[case::of_a_small_store(6, 100)]
#[case::of_a_store_of_many_segments(90, 40_000)]
#[tokio::test]
async fn truncated_or_missing_file_is_harmless_or_reported(
    #[case] sessions: usize,
    #[case] size: usize,
) {
    let original = Original::new(sessions, size).await;
    for file in files(&original.current) {
        original.open_damaged(|dir| fs::remove_file(dir.join(&file)).unwrap()).await;
        let length = length(&original.current.join(&file));
        for part in 0..8 {
            let truncate = |dir: &Path| {
                let file = OpenOptions::new().write(true).open(dir.join(&file)).unwrap();
                file.set_len(length * part / 8).unwrap();
            };
            original.open_damaged(truncate).await;
        }
    }
}

#[tokio::test]
async fn older_files_under_a_newer_mark_are_damaged() {
    let original = Original::new(30, 20_000).await;
    let older = files(&original.earlier);
    let older: Vec<_> = older.iter().filter(|file| *file != "portico.mark").collect();
    // Each bit of the mask chooses one file.
    for mask in 1..1 << older.len() {
        let chosen = older.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1);
        let chosen: Vec<_> = chosen.map(|(_, file)| *file).collect();
        let swap = |dir: &Path| {
            for file in &chosen {
                fs::copy(original.earlier.join(file), dir.join(file)).unwrap();
            }
        };
        let opened = original.open_damaged(swap).await;
        let old_data = chosen.iter().any(|file| *file == "db");
        assert!(!old_data || opened == Opened::Damaged, "{chosen:?}");
    }
}

#[tokio::test]
async fn store_without_its_mark_is_damaged() {
    let original = Original::new(6, 100).await;
    let opened =
        original.open_damaged(|dir| fs::remove_file(dir.join("portico.mark")).unwrap()).await;
    assert_eq!(opened, Opened::Damaged);
}

#[tokio::test]
async fn files_of_another_store_are_damaged() {
    let (original, other) = (Original::new(6, 100).await, Original::new(60, 100).await);
    let swap = |dir: &Path| {
        for file in files(&other.current).iter().filter(|file| *file != "portico.mark") {
            fs::copy(other.current.join(file), dir.join(file)).unwrap();
        }
    };
    assert_eq!(original.open_damaged(swap).await, Opened::Damaged);
}

/// A restored backup is consistent, so it is not reported.
#[tokio::test]
async fn copy_of_the_whole_folder_opens_with_its_contents() {
    let original = Original::new(6, 100).await;
    let ports = open(&original.earlier).unwrap();
    for number in 0..6 {
        assert!(ports.sessions.find(&key(&number.to_string()), NOW).await.unwrap().is_some());
    }
}

/// The files are in the state in which a kill would leave them.
#[tokio::test]
async fn copy_of_an_open_store_opens_with_all_sessions() {
    let parent = tempfile::tempdir().unwrap();
    let ports = open(&parent.path().join("open")).unwrap();
    for number in 0..20 {
        let id = key(&number.to_string());
        ports.sessions.create(id, &zofia_session(), vec![]).await.unwrap();
        let dir = parent.path().join(format!("copy-{number}"));
        copy(&parent.path().join("open"), &dir);
        let copied = open(&dir).unwrap();
        assert!(copied.sessions.find(&id, NOW).await.unwrap().is_some(), "{number}");
    }
}
