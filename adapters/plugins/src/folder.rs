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
use portico_wasm::{ComponentDigest, MAX_BYTES};

use super::{loader::CACHE, lock::LOCK_FILE};

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
        let bytes = portico_files::read(path, MAX_BYTES as u64)?;
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

/// Whether a folder is one of plug-ins, or could become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FolderKind {
    /// It is not there yet.
    New,
    /// It is empty, or plug-ins or a lock are in it.
    OfPlugins,
    /// It holds other things, such as these.
    OfOthers(Vec<String>),
}

/// How many things are named of a folder that is none of plug-ins.
const MAX_NAMED: usize = 3;

impl FolderKind {
    /// What the folder is. One that cannot be read is left to whoever writes into it.
    pub(crate) fn of(folder: &Path) -> Self {
        let listed = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::New,
            Err(_) => return Self::OfPlugins,
            Ok(listed) => listed,
        };
        let mut names = Vec::new();
        for entry in listed.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name == LOCK_FILE || name == CACHE || name.ends_with(".wasm") {
                return Self::OfPlugins;
            }
            names.push(name);
        }
        names.sort();
        names.truncate(MAX_NAMED);
        if names.is_empty() { Self::OfPlugins } else { Self::OfOthers(names) }
    }
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
    fn a_folder_of_other_things_is_told_from_one_of_plug_ins() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(FolderKind::of(&at("none")), FolderKind::New);
        assert_eq!(FolderKind::of(folder.path()), FolderKind::OfPlugins);
        for name in ["src", "Cargo.toml", "README.md", "z"] {
            place(&at(name), b"").unwrap();
        }
        let others = ["Cargo.toml", "README.md", "src"].map(String::from).into();
        assert_eq!(FolderKind::of(folder.path()), FolderKind::OfOthers(others));
        place(&at("providers.lock"), b"").unwrap();
        assert_eq!(FolderKind::of(folder.path()), FolderKind::OfPlugins);
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
