use rstest::rstest;

use super::*;

#[test]
fn open_returns_the_number_of_the_last_advance() {
    let folder = tempfile::tempdir().unwrap();
    let mut mark = Mark::open(folder.path()).unwrap();
    let store = mark.store;
    assert_eq!(mark.number, 0);
    for number in [1, 2, 7] {
        mark.advance(number).unwrap();
        mark = Mark::open(folder.path()).unwrap();
        assert_eq!((mark.store, mark.number), (store, number));
    }
}

#[test]
fn open_uses_the_intact_slot_and_is_unreadable_if_both_are_torn() {
    let folder = tempfile::tempdir().unwrap();
    let mut mark = Mark::open(folder.path()).unwrap();
    mark.advance(1).unwrap();
    mark.advance(2).unwrap();
    let newest = (1 - mark.next) * SLOT;
    mark.file.write_all_at(&[0xA5; 20], newest + 20).unwrap();
    let mut mark = Mark::open(folder.path()).unwrap();
    assert_eq!(mark.number, 1);
    // The next slot is the torn one, not the intact one.
    mark.file.write_all_at(&[0xA5; 20], mark.next * SLOT).unwrap();
    assert_eq!(Mark::open(folder.path()).unwrap().number, 1);
    mark.advance(3).unwrap();
    for slot in [0, SLOT] {
        mark.file.write_all_at(&[0xA5; 20], slot).unwrap();
    }
    assert!(matches!(Mark::open(folder.path()), Err(MarkError::Unreadable)));
}

#[rstest]
#[case::data("db")]
#[case::configuration("conf")]
#[case::snapshot("snap.0000000000000001")]
fn open_reports_a_missing_mark_beside_sled_file(#[case] file: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(file), "").unwrap();
    assert!(matches!(Mark::open(folder.path()), Err(MarkError::Missing)));
}

#[test]
fn open_replaces_an_incomplete_new_mark() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(NEW_FILE), "half").unwrap();
    assert_eq!(Mark::open(folder.path()).unwrap().number, 0);
    assert!(!folder.path().join(NEW_FILE).exists());
}
