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
mod tests;
