//! Whether the paths of the store still lead to its open files.
//!
//! If the folder is removed, renamed, or another one is mounted over it, the store goes on writing to
//! files that the next start does not find, and acknowledged writes would be lost. So the paths are
//! compared with the open files before each acknowledgement of a durable write and several times a
//! second; while they differ, every operation fails.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rustix::fs::{StatVfsMountFlags, fstatvfs};
use tokio::sync::watch;

/// A file or folder with an open handle, which keeps its inode number from being reused.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    file: File,
}

/// The folder and files of the store as they were when it was opened.
#[derive(Debug)]
pub(crate) struct Presence {
    folder: Entry,
    files: Vec<Entry>,
    /// Locked during a check, so that an older result does not overwrite a newer one.
    checking: Mutex<()>,
    /// Why the store must not be used, as of the last check.
    absence: watch::Sender<Option<String>>,
}

impl Presence {
    /// Watches the folder `dir` and these open files under their names in it.
    pub(crate) fn new(
        dir: &Path,
        files: impl IntoIterator<Item = (&'static str, File)>,
    ) -> io::Result<Self> {
        let dir = std::path::absolute(dir)?;
        let folder = Entry { file: File::open(&dir)?, path: dir.clone() };
        let files = files.into_iter().map(|(name, file)| Entry { path: dir.join(name), file });
        let (checking, absence) = (Mutex::default(), watch::Sender::new(None));
        Ok(Self { folder, files: files.collect(), checking, absence })
    }

    /// Why the store must not be used, as of the last check.
    pub(crate) fn absence(&self) -> Option<String> {
        self.absence.borrow().clone()
    }

    /// Checks the paths and logs a change. Returns why the store must not be used.
    pub(crate) fn check(&self) -> Option<String> {
        let _checking = self.checking.lock().unwrap_or_else(PoisonError::into_inner);
        let why = self.difference();
        self.absence.send_if_modified(|absence| {
            if *absence == why {
                return false;
            }
            match &why {
                Some(reason) => tracing::error!(
                    reason,
                    "the store is gone from its folder: requests are refused until it is back or \
                     Portico is restarted"
                ),
                None => tracing::info!("the store is back in its folder"),
            }
            absence.clone_from(&why);
            true
        });
        why
    }

    fn difference(&self) -> Option<String> {
        let entry = std::iter::once(&self.folder).chain(&self.files).find_map(Entry::difference);
        entry.or_else(|| match fstatvfs(&self.folder.file) {
            Ok(disk) if disk.f_flag.contains(StatVfsMountFlags::RDONLY) => {
                Some("its file system is read-only".into())
            }
            Ok(_) => None,
            Err(error) => Some(format!("its file system cannot be queried: {error}")),
        })
    }
}

impl Entry {
    fn difference(&self) -> Option<String> {
        let path = self.path.display();
        let same = |a: &Metadata, b: &Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        match (self.path.metadata(), self.file.metadata()) {
            (Ok(there), Ok(open)) if same(&there, &open) => None,
            (Ok(_), Ok(_)) => Some(format!("another file or folder is at {path}")),
            (Err(error), _) | (_, Err(error)) => Some(format!("{path}: {error}")),
        }
    }
}
