//! The key ring in a file that is created at the first start.

use std::{
    fs::{DirBuilder, File},
    io::{self, ErrorKind, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use portico_domain::ports::Entropy;
use portico_files::{Access, open, place_new};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::key_ring::{KEY_LENGTH, KeyRing, KeyRingError};

/// The largest key file that is read, in bytes: some thousand keys.
const MAX_BYTES: usize = 64 << 10;

/// Why no key ring was read from a key file.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// Its mode gives access to group or others.
    #[error("the key file {path} can be read by others; run: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// It does not contain a key ring.
    #[error("the key file {path} contains no valid keys")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why its text is not a key ring.
        #[source]
        source: KeyRingError,
    },
    /// It cannot be read or created.
    #[error("the key file {path} cannot be read or created")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
}

impl KeyRing {
    /// Reads the key ring from the file at `path`, in the form of [`KeyRing::parse`]. If the file does
    /// not exist, creates it with a new key and mode 600.
    ///
    /// Processes that create the file concurrently all return the same key.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyFileError> {
        let failed = |source| KeyFileError::Io { path: path.into(), source };
        let file = match open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path, entropy).map_err(failed)?;
                open(path).map_err(failed)?
            }
            opened => opened.map_err(failed)?,
        };
        load(path, file)
    }
}

fn load(path: &Path, file: File) -> Result<KeyRing, KeyFileError> {
    let failed = |source| KeyFileError::Io { path: path.into(), source };
    let metadata = file.metadata().map_err(failed)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.into() });
    }
    // Full capacity from the start: reallocation would leave copies of the key in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    file.take(MAX_BYTES as u64).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => {
            let why = "it is not UTF-8 text, perhaps UTF-16; save it as UTF-8";
            failed(io::Error::new(ErrorKind::InvalidData, why))
        }
        _ => failed(error),
    })?;
    // Some editors write a byte order mark.
    let keys = text.trim_start_matches('\u{feff}');
    KeyRing::parse(keys).map_err(|source| KeyFileError::Invalid { path: path.into(), source })
}

/// Creates the file with a new key, atomically. A file that another process has just created stays.
fn create(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;

    let mut key = Zeroizing::new([0_u8; KEY_LENGTH]);
    entropy.fill(key.as_mut());
    // Full capacity from the start, as above.
    let mut text = Zeroizing::new(String::with_capacity(2 * KEY_LENGTH));
    BASE64_STANDARD.encode_string(key.as_ref(), &mut text);
    text.push('\n');
    place_new(path, text.as_bytes(), Access::Owner).map(drop)
}

#[cfg(test)]
mod tests;
