//! Bounded reads of regular files.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::OFlags;

/// Opens a regular file for reading; never blocks.
///
/// # Errors
/// `InvalidInput` if the path, after symbolic links, is no regular file; else the error of open(2).
pub fn open(path: &Path) -> io::Result<File> {
    // Checked before the open, which has side effects: it rewinds a tape and wakes a FIFO's writer.
    must_be_regular(&fs::metadata(path)?)?;
    // The file may be replaced after the check: O_NONBLOCK keeps the open of a FIFO from blocking.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    must_be_regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `max_len` bytes.
///
/// # Errors
/// As [`open`]; `FileTooLarge` if the file is longer, also if it grows while it is read.
pub fn read(path: &Path, max_len: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > max_len {
        return Err(too_large(max_len));
    }
    // The file may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(max_len.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_len {
        return Err(too_large(max_len));
    }
    Ok(bytes)
}

/// Reads a regular file of at most `max_len` bytes as UTF-8 text. A leading byte order mark is
/// stripped: it is a signature and no part of the text (RFC 3629 section 6).
///
/// # Errors
/// As [`read`]; `InvalidData` if the file is not UTF-8.
pub fn read_text(path: &Path, max_len: u64) -> io::Result<String> {
    text(read(path, max_len)?)
}

/// Decodes UTF-8 and strips one leading byte order mark.
fn text(bytes: Vec<u8>) -> io::Result<String> {
    let invalid = |why| Err(io::Error::new(ErrorKind::InvalidData, why));
    if is_utf_16(&bytes) {
        return invalid("it is text in UTF-16: save it in UTF-8");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text)),
        Err(_) => invalid("it is no text in UTF-8"),
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether the bytes look like UTF-16: they begin with its byte order mark, or each of the first two
/// code units is ASCII, that is, has one zero byte.
fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        || matches!(bytes, [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..])
}

fn must_be_regular(metadata: &Metadata) -> io::Result<()> {
    let invalid = || io::Error::new(ErrorKind::InvalidInput, "it is no regular file");
    metadata.is_file().then_some(()).ok_or_else(invalid)
}

fn too_large(max_len: u64) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {max_len} bytes"))
}

#[cfg(test)]
mod tests {
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
}
