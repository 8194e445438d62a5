//! Detects changes of files by their metadata, without reading them.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The metadata of a file: while it is equal, the file has not changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Changes when the file is replaced.
    inode: u64,
    /// The time of the last change, of permissions too.
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&fs::metadata(path)?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// The stamps of a folder's files: while they are equal, no file has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint(Vec<(PathBuf, Stamp)>);

impl Fingerprint {
    /// The current stamps of the folder's files and of `others`.
    pub(crate) fn of(folder: &Path, others: &[&Path]) -> Self {
        let listed = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
        let files = listed.chain(others.iter().map(|path| path.to_path_buf()));
        let stamps = files.filter_map(|path| {
            let metadata = fs::metadata(&path).ok().filter(Metadata::is_file)?;
            Some((path, Stamp::from(&metadata)))
        });
        let mut stamps: Vec<_> = stamps.collect();
        stamps.sort();
        Self(stamps)
    }
}

/// Whether a file was written within this time; `false` if its time is in the future, as the clock of a
/// network drive's server may be.
pub(crate) fn was_written_within(path: &Path, time: Duration) -> bool {
    let modified = fs::metadata(path).and_then(|it| it.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|elapsed| elapsed < time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::place;

    #[test]
    fn fingerprint_changes_when_a_file_is_added_written_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        let fingerprint = || Fingerprint::of(folder.path(), &[]);
        let empty = fingerprint();
        place(&folder.path().join("a.wasm"), b"one").unwrap();
        let one = fingerprint();
        assert_ne!(empty, one);
        assert_eq!(one, fingerprint());
        place(&folder.path().join("a.wasm"), b"two").unwrap();
        assert_ne!(one, fingerprint());
        fs::remove_file(folder.path().join("a.wasm")).unwrap();
        assert_eq!(empty, fingerprint());
    }

    #[test]
    fn was_written_within_compares_time_of_last_write_with_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let minute = Duration::from_secs(60);
        assert!(!was_written_within(&path, minute));
        let file = fs::File::create(&path).unwrap();
        assert!(was_written_within(&path, minute));
        for other in [SystemTime::now() - 2 * minute, SystemTime::now() + minute] {
            file.set_modified(other).unwrap();
            assert!(!was_written_within(&path, minute));
        }
    }
}
