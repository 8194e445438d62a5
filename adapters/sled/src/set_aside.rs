//! Renaming a damaged store, so that a new one can be created.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use portico_domain::time::Timestamp;

use crate::opening::{OpenError, lock};

/// Renames the folder of a store that does not open to `<dir>.damaged-<unix seconds>` and returns its
/// new path. The files in it stay unchanged.
pub fn set_aside(dir: &Path, now: Timestamp) -> Result<PathBuf, OpenError> {
    let failed = |source| OpenError::Folder { dir: dir.into(), source };
    let dir = dir.canonicalize().map_err(failed)?;
    // Another process may have managed to open it.
    let lock = lock(&dir)?;
    let aside = free_name(&dir, now);
    fs::rename(&dir, &aside).and_then(|()| sync_parent(&aside)).map_err(failed)?;
    drop(lock);
    Ok(aside)
}

fn free_name(dir: &Path, now: Timestamp) -> PathBuf {
    let mut seconds = now.unix_seconds();
    loop {
        let mut name = dir.as_os_str().to_owned();
        name.push(format!(".damaged-{seconds}"));
        if !Path::new(&name).exists() {
            return name.into();
        }
        seconds += 1;
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
