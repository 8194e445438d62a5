//! The folder of plug-ins: its files, and whether anything changed.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use portico_domain::identity::ProviderId;
use portico_files::Access;
use portico_wasm::{ComponentDigest, MOST_BYTES};

/// How a file looks from outside: as long as it is equal, the file has not changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// A file that another took the place of has another one.
    inode: u64,
    /// When it was changed in any way: who may read it, too.
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
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
pub(super) struct Fingerprint(Vec<(PathBuf, Stamp)>);

impl Fingerprint {
    /// How the folder's files look now, and these others.
    pub(super) fn of(folder: &Path, others: &[&Path]) -> Self {
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

/// A plug-in's file, read.
pub(crate) struct PluginFile {
    bytes: Vec<u8>,
    digest: ComponentDigest,
}

impl PluginFile {
    /// Reads and hashes the file; one that is larger than any plug-in is not read.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let bytes = portico_files::read(path, MOST_BYTES as u64)?;
        let digest = ComponentDigest::of(&bytes);
        Ok(Self { bytes, digest })
    }

    /// The component.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What grants know it by.
    pub(crate) fn digest(&self) -> &ComponentDigest {
        &self.digest
    }
}

/// Where a plug-in's file is.
pub(super) fn file_of(folder: &Path, id: &ProviderId) -> PathBuf {
    folder.join(format!("{id}.wasm"))
}

/// The ids that files of the folder are named by, and the files whose names are no ids.
pub(super) fn files(folder: &Path) -> io::Result<Vec<Result<ProviderId, PathBuf>>> {
    let mut found = Vec::new();
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        listed => listed?,
    };
    for entry in listed {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            found.push(ProviderId::parse(stem).map_err(|_| path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

/// Puts a file in its place, whole or not at all, and makes its folder where there is none.
pub(crate) fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        fs::create_dir_all(folder)?;
    }
    portico_files::place(path, bytes, Access::Usual)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn files_are_named_by_ids() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["github.wasm", "Git Hub.wasm", "providers.lock", "aws.wasm.new"] {
            place(&folder.path().join(name), b"").unwrap();
        }
        let found = files(folder.path()).unwrap();
        let github = ProviderId::parse("github").unwrap();
        assert_eq!(found, [Ok(github), Err(folder.path().join("Git Hub.wasm"))]);
        assert_eq!(files(&folder.path().join("nowhere")).unwrap(), []);
    }
}
