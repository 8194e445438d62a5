use std::os::unix::{fs::symlink, net::UnixListener};

use rstest::rstest;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

fn read_error(path: &Path) -> String {
    read(path, 1 << 20).unwrap_err().to_string()
}

#[test]
fn read_text_follows_symbolic_links() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "text").unwrap();
    symlink("file", &link).unwrap();
    for path in [&file, &link] {
        assert_eq!(read_text(path, 4).unwrap(), "text");
    }
}

#[test]
fn read_refuses_non_regular_files_without_blocking() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _listener = UnixListener::bind(at("socket")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("fifo", at("to-a-fifo")).unwrap();
    symlink("/dev/zero", at("to-a-device")).unwrap();
    for name in ["fifo", "socket", "folder", "to-a-fifo", "to-a-device"] {
        assert_eq!(read_error(&at(name)), "it is no regular file", "{name}");
    }
    symlink("circle", at("circle")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    let error = read_error(&at("circle"));
    assert!(error.contains("symbolic links"), "{error}");
    assert_eq!(read(&at("dangling"), 1).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn read_refuses_files_larger_than_max_len() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let file = File::create(&path).unwrap();
    file.set_len(100 << 30).unwrap();
    assert_eq!(read_error(&path), "it has more than 1048576 bytes");
    file.set_len(5).unwrap();
    assert_eq!(read(&path, 5).unwrap(), [0; 5]);
    assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
    // procfs reports a length of 0, so the bytes read exceed it: as with a file that grows.
    assert_eq!(fs::metadata("/proc/self/status").unwrap().len(), 0);
    let growing = read(Path::new("/proc/self/status"), 10).unwrap_err();
    assert_eq!(growing.kind(), ErrorKind::FileTooLarge);
}

#[rstest]
#[case::no_utf_8(b"\xff", "it is no text in UTF-8")]
#[case::invalid_second_byte(b"a\xc1", "it is no text in UTF-8")]
#[case::utf_16_le_with_mark(b"\xff\xfea\0b\0", "it is text in UTF-16: save it in UTF-8")]
#[case::utf_16_be_with_mark(b"\xfe\xff\0a\0b", "it is text in UTF-16: save it in UTF-8")]
#[case::utf_16_le(b"a\0b\0", "it is text in UTF-16: save it in UTF-8")]
#[case::utf_16_be(b"\0a\0b", "it is text in UTF-16: save it in UTF-8")]
fn read_text_refuses_invalid_utf_8(#[case] bytes: &[u8], #[case] error: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, bytes).unwrap();
    assert_eq!(read_text(&path, 9).unwrap_err().to_string(), error);
}

#[rstest]
#[case::before_text(b"\xef\xbb\xbfa", "a")]
#[case::alone(b"\xef\xbb\xbf", "")]
#[case::after_text(b"a\xef\xbb\xbf", "a\u{feff}")]
#[case::twice(b"\xef\xbb\xbf\xef\xbb\xbfa", "\u{feff}a")]
fn text_strips_one_leading_byte_order_mark(#[case] bytes: &[u8], #[case] expected: &str) {
    assert_eq!(text(bytes.to_vec()).unwrap(), expected);
}
