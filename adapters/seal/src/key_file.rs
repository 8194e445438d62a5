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
mod tests {
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
}
