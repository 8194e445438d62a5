//! Reading what is a regular file, and no more of it than is wanted.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::OFlags;

/// Opens a regular file to be read; it never blocks.
pub fn open(path: &Path) -> io::Result<File> {
    // Not even opened: that alone rewinds a tape and wakes whoever waits at the end of a FIFO.
    must_be_regular(&fs::metadata(path)?)?;
    // Another may take its place in between: O_NONBLOCK keeps a FIFO from blocking.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    must_be_regular(&file.metadata()?)?;
    Ok(file)
}

/// The bytes of a regular file that has at most `most` of them.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        return Err(too_large(most));
    }
    // It may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

/// The same, of text in UTF-8, without the byte order mark that some editors put in front of it: it
/// says how the bytes are to be read, and is no part of what they say (RFC 3629 section 6).
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(read(path, most)?)
}

/// These bytes as text, as [`read_text`] reads it.
fn text(bytes: Vec<u8>) -> io::Result<String> {
    let refused = |why| Err(io::Error::new(ErrorKind::InvalidData, why));
    if is_utf_16(&bytes) {
        return refused("it is text in UTF-16: save it in UTF-8");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text)),
        Err(_) => refused("it is no text in UTF-8"),
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether it is the other encoding that text comes in, with its mark or recognised by the zero byte
/// that each of the first two characters has where they are ASCII.
fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        || matches!(bytes, [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..])
}

fn must_be_regular(found: &Metadata) -> io::Result<()> {
    let refused = || io::Error::new(ErrorKind::InvalidInput, "it is no regular file");
    found.is_file().then_some(()).ok_or_else(refused)
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {most} bytes"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::{fs::symlink, net::UnixListener};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn refused(path: &Path) -> String {
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
            assert_eq!(refused(&at(name)), "it is no regular file", "{name}");
        }
        symlink("circle", at("circle")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        assert!(refused(&at("circle")).contains("symbolic links"), "{}", refused(&at("circle")));
        assert_eq!(read(&at("dangling"), 1).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn read_refuses_files_larger_than_max_len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = File::create(&path).unwrap();
        file.set_len(100 << 30).unwrap();
        assert_eq!(refused(&path), "it has more than 1048576 bytes");
        file.set_len(5).unwrap();
        assert_eq!(read(&path, 5).unwrap(), [0; 5]);
        assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
        // It says that it is empty, as a file that grows while it is read does.
        assert_eq!(fs::metadata("/proc/self/status").unwrap().len(), 0);
        let growing = read(Path::new("/proc/self/status"), 10).unwrap_err();
        assert_eq!(growing.kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn read_text_refuses_invalid_utf_8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (bytes, why) in [
            (&[0xff][..], "it is no text in UTF-8"),
            (b"a\xc1", "it is no text in UTF-8"),
            (b"\xff\xfea\0b\0", "it is text in UTF-16: save it in UTF-8"),
            (b"\xfe\xff\0a\0b", "it is text in UTF-16: save it in UTF-8"),
            (b"a\0b\0", "it is text in UTF-16: save it in UTF-8"),
            (b"\0a\0b", "it is text in UTF-16: save it in UTF-8"),
        ] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(read_text(&path, 9).unwrap_err().to_string(), why, "{bytes:?}");
        }
    }

    #[test]
    fn text_strips_one_leading_byte_order_mark() {
        for (bytes, read) in [
            (&b"\xef\xbb\xbfa"[..], "a"),
            (b"\xef\xbb\xbf", ""),
            (b"a\xef\xbb\xbf", "a\u{feff}"),
            (b"\xef\xbb\xbf\xef\xbb\xbfa", "\u{feff}a"),
        ] {
            assert_eq!(text(bytes.to_vec()).unwrap(), read, "{bytes:?}");
        }
    }
}
