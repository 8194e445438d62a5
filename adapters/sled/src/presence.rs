//! Whether the files that the store works on are those that the next start will find.
//!
//! A folder that is removed, renamed, or has another one mounted over it leaves an open store at
//! work on files that nobody will open again: what it acknowledged would be gone. So it looks where
//! its paths lead, before every answer that promises durability and several times a second, and
//! answers nothing while they lead elsewhere. Where they come back, so does the store.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rustix::fs::{StatVfsMountFlags, fstatvfs};
use tokio::sync::watch;

/// One file or folder: its path, and a handle on it, which keeps its number from being given to
/// another file.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    file: File,
}

/// The paths of the store and what they led to when it was opened.
#[derive(Debug)]
pub(crate) struct Presence {
    folder: Place,
    files: Vec<Place>,
    /// Held while looking: what somebody saw earlier must not be told after what is seen now.
    looking: Mutex<()>,
    /// Why the store must not be used now.
    away: watch::Sender<Option<String>>,
}

impl Presence {
    /// Watches the folder `dir` and, by their names in it, these open files.
    pub(crate) fn new(
        dir: &Path,
        files: impl IntoIterator<Item = (&'static str, File)>,
    ) -> io::Result<Self> {
        let dir = std::path::absolute(dir)?;
        let folder = Place { file: File::open(&dir)?, path: dir.clone() };
        let files = files.into_iter().map(|(name, file)| Place { path: dir.join(name), file });
        let (looking, away) = (Mutex::default(), watch::Sender::new(None));
        Ok(Self { folder, files: files.collect(), looking, away })
    }

    /// Why the store must not be used, as of the last look.
    pub(crate) fn away(&self) -> Option<String> {
        self.away.borrow().clone()
    }

    /// Looks, says in the log what has changed, and why the store must not be used.
    pub(crate) fn look(&self) -> Option<String> {
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let why = self.moved();
        self.away.send_if_modified(|away| {
            if *away == why {
                return false;
            }
            match &why {
                Some(reason) => tracing::error!(
                    reason,
                    "the store is gone from its folder: nobody is answered until it is back where \
                     it was, or Portico is started anew"
                ),
                None => tracing::info!("the store is back in its folder"),
            }
            away.clone_from(&why);
            true
        });
        why
    }

    fn moved(&self) -> Option<String> {
        let place = std::iter::once(&self.folder).chain(&self.files).find_map(Place::moved);
        place.or_else(|| match fstatvfs(&self.folder.file) {
            Ok(disk) if disk.f_flag.contains(StatVfsMountFlags::RDONLY) => {
                Some("its disk may only be read".into())
            }
            Ok(_) => None,
            Err(error) => Some(format!("its disk does not answer: {error}")),
        })
    }
}

impl Place {
    fn moved(&self) -> Option<String> {
        let path = self.path.display();
        let same = |a: &Metadata, b: &Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        match (self.path.metadata(), self.file.metadata()) {
            (Ok(there), Ok(open)) if same(&there, &open) => None,
            (Ok(_), Ok(_)) => Some(format!("another file or folder is at {path}")),
            (Err(error), _) | (_, Err(error)) => Some(format!("{path}: {error}")),
        }
    }
}
