//! How files look from outside: whether anything changed is seen without reading them.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// How a file looks from outside: as long as it is equal, the file has not changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// A file that another took the place of has another one.
    inode: u64,
    /// When it was changed in any way: who may read it, too.
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&fs::metadata(path)?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(found: &Metadata) -> Self {
        Self {
            length: found.len(),
            modified: found.modified().ok(),
            inode: found.ino(),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

/// What a folder looked like: as long as it is equal, nothing in it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint(Vec<(PathBuf, Stamp)>);

impl Fingerprint {
    /// How the folder's files look now, and these others.
    pub(crate) fn of(folder: &Path, others: &[&Path]) -> Self {
        let listed = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
        let files = listed.chain(others.iter().map(|path| path.to_path_buf()));
        let seen = files.filter_map(|path| {
            let found = fs::metadata(&path).ok().filter(Metadata::is_file)?;
            Some((path, Stamp::from(&found)))
        });
        let mut seen: Vec<_> = seen.collect();
        seen.sort();
        Self(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::place;

    #[test]
    fn a_folder_has_changed_when_a_file_came_went_or_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let look = || Fingerprint::of(folder.path(), &[]);
        let empty = look();
        place(&folder.path().join("a.wasm"), b"one").unwrap();
        let one = look();
        assert_ne!(empty, one);
        assert_eq!(one, look());
        place(&folder.path().join("a.wasm"), b"two").unwrap();
        assert_ne!(one, look());
        fs::remove_file(folder.path().join("a.wasm")).unwrap();
        assert_eq!(empty, look());
    }
}
