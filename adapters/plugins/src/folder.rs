//! The folder of plug-ins, whose files are named by plug-in ids.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use portico_domain::identity::ProviderId;
use portico_files::Access;
use portico_wasm::{ComponentDigest, MAX_BYTES};

/// The name of the file with the grants.
pub const LOCK_FILE: &str = "providers.lock";
/// The folder of compiled code.
pub(crate) const CACHE: &str = ".compiled";

/// The bytes and the digest of a plug-in's file.
pub struct PluginFile {
    bytes: Vec<u8>,
    digest: ComponentDigest,
}

impl PluginFile {
    /// Reads and hashes the file; an error if it exceeds the size limit of plug-ins.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = portico_files::read(path, MAX_BYTES as u64)?;
        let digest = ComponentDigest::of(&bytes);
        Ok(Self { bytes, digest })
    }

    /// The component.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digest that a grant names.
    pub fn digest(&self) -> &ComponentDigest {
        &self.digest
    }
}

/// The path of a plug-in's file.
pub(crate) fn file_of(folder: &Path, id: &ProviderId) -> PathBuf {
    folder.join(format!("{id}.wasm"))
}

/// The ids of the folder's files, and the paths of files whose names are no ids.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<Result<ProviderId, PathBuf>>> {
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
pub enum FolderKind {
    /// It does not exist.
    New,
    /// It is empty, or contains plug-ins or a lock.
    OfPlugins,
    /// It contains other files, such as these.
    OfOthers(Vec<String>),
}

/// Files of another folder that are named.
const MAX_NAMES: usize = 3;

impl FolderKind {
    /// The kind of the folder. An unreadable one counts as a folder of plug-ins: writing to it reports
    /// the error.
    pub fn of(folder: &Path) -> Self {
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
        names.truncate(MAX_NAMES);
        if names.is_empty() { Self::OfPlugins } else { Self::OfOthers(names) }
    }
}

/// Writes a file atomically, and creates its folder if missing.
pub fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        fs::create_dir_all(folder)?;
    }
    portico_files::place(path, bytes, Access::Usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_kind_tells_other_folders_from_those_of_plugins() {
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
    fn files_returns_ids_and_files_with_other_names() {
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
