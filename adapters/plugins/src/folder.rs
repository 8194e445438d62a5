//! The folder of plug-ins: its files, by the ids of their plug-ins.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use portico_domain::identity::ProviderId;
use portico_files::Access;
use portico_wasm::{ComponentDigest, MAX_BYTES};

/// The name of the file with what was granted.
pub const LOCK_FILE: &str = "providers.lock";
/// The folder of compiled code.
pub(crate) const CACHE: &str = ".compiled";

/// A plug-in's file, read.
pub struct PluginFile {
    bytes: Vec<u8>,
    digest: ComponentDigest,
}

impl PluginFile {
    /// Reads and hashes the file; one that is larger than any plug-in is not read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = portico_files::read(path, MAX_BYTES as u64)?;
        let digest = ComponentDigest::of(&bytes);
        Ok(Self { bytes, digest })
    }

    /// The component.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What grants know it by.
    pub fn digest(&self) -> &ComponentDigest {
        &self.digest
    }
}

/// Where a plug-in's file is.
pub(crate) fn file_of(folder: &Path, id: &ProviderId) -> PathBuf {
    folder.join(format!("{id}.wasm"))
}

/// The ids that files of the folder are named by, and the files whose names are no ids.
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
        names.truncate(MAX_NAMED);
        if names.is_empty() { Self::OfPlugins } else { Self::OfOthers(names) }
    }
}

/// Puts a file in its place, whole or not at all, and makes its folder where there is none.
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
