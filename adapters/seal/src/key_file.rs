//! The key ring in a file, made on the first start.

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

/// The longest key file: a thousand keys.
const MAX_BYTES: usize = 64 << 10;

/// Why a key file gave no key ring.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// Others than its owner can read or change it.
    #[error("the key file {path} can be read by others; run: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// It holds no key ring.
    #[error("the key file {path} is of no use")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with what it holds.
        #[source]
        source: KeyRingError,
    },
    /// It cannot be read or made.
    #[error("the key file {path} cannot be read or made")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl KeyRing {
    /// Reads the key ring in the file at `path`, in the form that [`KeyRing::parse`] takes; where
    /// there is no such file, makes one with a new key that only its owner can read.
    ///
    /// Of processes that start at once, all end with the key of one of them.
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
    // With room from the start: a text that grew would leave copies of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    file.take(MAX_BYTES as u64).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => {
            let why = "it is no text in UTF-8, and perhaps in UTF-16: save it in UTF-8";
            failed(io::Error::new(ErrorKind::InvalidData, why))
        }
        _ => failed(error),
    })?;
    // The byte order mark of an editor is no part of a key.
    let keys = text.trim_start_matches('\u{feff}');
    KeyRing::parse(keys).map_err(|source| KeyFileError::Invalid { path: path.into(), source })
}

/// Puts a new key there, whole or not at all. Where another process was faster, its key stays.
fn create(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;

    let mut key = Zeroizing::new([0_u8; KEY_LENGTH]);
    entropy.fill(key.as_mut());
    // With room from the start, as above.
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
    fn the_first_start_makes_a_private_file_and_the_second_reads_it() {
        let folder = folder();
        let path = folder.path().join("new/portico.key");
        let entropy = CountingEntropy::default();
        let made = KeyRing::load_or_create(&path, &entropy).unwrap();
        let read = KeyRing::load_or_create(&path, &entropy).unwrap();
        assert_eq!(made.first().id, read.first().id);

        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(folder.path().join("new")).unwrap().mode() & 0o777, 0o700);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.len(), 45, "44 characters of base64 and a newline");
        assert!(text.ends_with('\n'));
        assert_eq!(names(&folder), ["new"]);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_what_to_run() {
        let folder = folder();
        let path = folder.path().join("portico.key");
        KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
            let says = error.to_string();
            assert!(says.ends_with(&format!("run: chmod 600 {}", path.display())), "{says}");
        }
    }

    #[test]
    fn a_file_without_a_key_is_refused_and_left_as_it_is() {
        let folder = folder();
        let path = folder.path().join("portico.key");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
        assert!(matches!(error, KeyFileError::Invalid { source: KeyRingError::Empty, .. }));
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn what_an_editor_puts_around_a_key_is_no_part_of_it() {
        let folder = folder();
        let path = folder.path().join("portico.key");
        let made = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap();
        let key = fs::read_to_string(&path).unwrap();
        for edited in [format!("\u{feff}{key}"), format!(" {} \r\n\r\n", key.trim())] {
            fs::write(&path, &edited).unwrap();
            let read = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap();
            assert_eq!(read.first().id, made.first().id, "{edited:?}");
        }
        fs::write(&path, [0xff, 0xfe, b'a', 0]).unwrap();
        let refused = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
        let KeyFileError::Io { source, .. } = refused else { panic!("{refused}") };
        assert!(source.to_string().contains("UTF-16"), "{source}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_that_names_the_file() {
        let folder = folder();
        let in_the_way = folder.path().join("a-file");
        fs::write(&in_the_way, "").unwrap();
        let path = in_the_way.join("portico.key");
        let error = KeyRing::load_or_create(&path, &CountingEntropy::default()).unwrap_err();
        assert!(error.to_string().contains("a-file/portico.key"), "{error}");
    }

    #[test]
    fn many_starts_at_once_end_with_one_key_and_no_leftovers() {
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
