use std::{fs, os::unix::fs::PermissionsExt, sync::Barrier, thread};

use portico_domain::testing::CountingEntropy;
use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn load_or_create_creates_a_private_file_and_reads_it_the_next_time() {
    let folder = folder();
    let path = folder.path().join("new/portico.key");
    let entropy = CountingEntropy::default();
    let created = KeyRing::load_or_create(&path, &entropy).unwrap();
    let loaded = KeyRing::load_or_create(&path, &entropy).unwrap();
    assert_eq!(created.first().id, loaded.first().id);

    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(folder.path().join("new")).unwrap().mode() & 0o777, 0o700);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.len(), 45, "44 characters of base64 and a newline");
    assert!(text.ends_with('\n'));
    assert_eq!(names(&folder), ["new"]);
}

#[test]
fn load_or_create_refuses_a_file_that_others_can_access() {
    let folder = folder();
    let path = folder.path().join("portico.key");
    KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
        let expected = format!("run: chmod 600 {}", path.display());
        assert!(error.to_string().ends_with(&expected), "{error}");
    }
}

#[test]
fn load_or_create_refuses_an_empty_file_and_leaves_it_unchanged() {
    let folder = folder();
    let path = folder.path().join("portico.key");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let error = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
    assert!(matches!(error, KeyFileError::Invalid { source: KeyRingError::Empty, .. }));
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn load_or_create_ignores_byte_order_mark_and_whitespace_and_refuses_utf16() {
    let folder = folder();
    let path = folder.path().join("portico.key");
    let created = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap();
    let key = fs::read_to_string(&path).unwrap();
    for edited in [format!("\u{feff}{key}"), format!(" {} \r\n\r\n", key.trim())] {
        fs::write(&path, &edited).unwrap();
        let loaded = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap();
        assert_eq!(loaded.first().id, created.first().id, "{edited:?}");
    }
    fs::write(&path, [0xff, 0xfe, b'a', 0]).unwrap();
    let refused = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
    let KeyFileError::Io { source, .. } = refused else { panic!("{refused}") };
    assert!(source.to_string().contains("UTF-16"), "{source}");
}

#[test]
fn load_or_create_error_names_the_path_if_its_parent_is_a_file() {
    let folder = folder();
    let parent = folder.path().join("a-file");
    fs::write(&parent, "").unwrap();
    let path = parent.join("portico.key");
    let error = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
    assert!(error.to_string().contains("a-file/portico.key"), "{error}");
}

#[test]
fn concurrent_load_or_create_returns_one_key_and_leaves_one_file() {
    const STARTS: usize = 16;
    let folder = folder();
    let path = folder.path().join("portico.key");
    let (entropy, barrier) = (CountingEntropy::default(), Barrier::new(STARTS));
    let ids = thread::scope(|scope| {
        let start = || {
            barrier.wait();
            KeyRing::load_or_create(&path, &entropy).unwrap().first().id
        };
        let starts: Vec<_> = (0..STARTS).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(names(&folder), ["portico.key"]);
}
