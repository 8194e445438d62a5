//! The folder of plug-ins: its files, and whether anything changed.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use portico_domain::identity::ProviderId;
use sha2::{Digest, Sha256};

/// What a folder looked like: as long as it is equal, nothing in it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(Vec<(PathBuf, u64, Option<SystemTime>, u64)>);

impl Fingerprint {
    /// How the folder's files look now, and these others.
    pub(super) fn of(folder: &Path, others: &[&Path]) -> Self {
        let listed = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
        let files = listed.chain(others.iter().map(|path| path.to_path_buf()));
        let seen = files.filter_map(|path| {
            let found = fs::metadata(&path).ok()?;
            let file = found.is_file();
            file.then(|| (path, found.len(), found.modified().ok(), inode(&found)))
        });
        let mut seen: Vec<_> = seen.collect();
        seen.sort();
        Self(seen)
    }
}

/// A file that another took the place of has another one.
#[cfg(unix)]
fn inode(found: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
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

/// `sha256:` and 64 hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Puts a file in its place, whole or not at all.
pub(crate) fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = folder.join(name);
    let mut file = fs::File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
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

    #[test]
    fn a_digest_is_the_sha_256_of_the_file() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest(b""), empty);
    }
}
