//! Atomic and durable writes.

use std::{
    fs::{File, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use tempfile::{Builder, NamedTempFile};

/// The permissions of a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Mode 0600.
    Owner,
    /// Mode 0666 without the bits of the process's umask.
    Usual,
}

/// Writes a file atomically, replacing an existing one; durable when this returns. A symbolic link at
/// `path` is replaced, not followed.
///
/// # Errors
/// The file cannot be written, synced or renamed; a file at `path` is then unchanged, unless only
/// the sync of its folder failed.
pub fn place(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let folder = folder_of(path);
    temporary_file(folder, bytes, access)?.persist(path)?;
    File::open(folder)?.sync_all()
}

/// Creates a file atomically and durably. Returns `false`, and changes nothing, if `path` exists.
///
/// # Errors
/// As [`place`].
pub fn place_new(path: &Path, bytes: &[u8], access: Access) -> io::Result<bool> {
    let folder = folder_of(path);
    match temporary_file(folder, bytes, access)?.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error.error),
    }
    File::open(folder)?.sync_all()?;
    Ok(true)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// A synced file under a random name; removed on drop unless it is persisted.
fn temporary_file(folder: &Path, bytes: &[u8], access: Access) -> io::Result<NamedTempFile> {
    let mode = match access {
        Access::Owner => 0o600,
        Access::Usual => 0o666,
    };
    let mut builder = Builder::new();
    builder.prefix(".portico-").suffix(".new").permissions(Permissions::from_mode(mode));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
        let mut names: Vec<_> = names.map(|it| it.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn place_replaces_file_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["one", "a second"] {
            place(&path, text.as_bytes(), Access::Owner).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(mode(&path), 0o600);
        }
        place(&path, b"", Access::Usual).unwrap();
        assert_eq!(mode(&path) & 0o600, 0o600);
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn place_replaces_symbolic_links_without_following_them() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("file"), folder.path().join("target"));
        fs::write(&target, "before").unwrap();
        for name in ["file", "file.new", ".file.new"] {
            symlink(&target, folder.path().join(name)).unwrap();
        }
        place(&path, b"written", Access::Usual).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "before");
        assert_eq!(fs::read_to_string(&path).unwrap(), "written");
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
    }

    #[test]
    fn place_new_returns_false_and_keeps_existing_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert!(place_new(&path, b"first", Access::Owner).unwrap());
        assert!(!place_new(&path, b"second", Access::Owner).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn place_failure_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a-folder");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("in-it"), "").unwrap();
        assert!(place(&path, b"written", Access::Usual).is_err());
        assert_eq!(names(folder.path()), ["a-folder"]);
        assert!(place(&folder.path().join("nowhere/file"), b"", Access::Usual).is_err());
    }
}
