//! How much of the disk is left.
//!
//! Sled does not recover from a write that found no space: the store would have failed, and with it
//! every read. So the store stops before that, while there is still a reserve: first what needs
//! more of the disk is refused, then everything that is written, and reads go on.

use std::{fs::File, io, path::Path};

use portico_domain::ports::StoreError;
use portico_records::Changes;
use rustix::fs::fstatvfs;

const MIB: u64 = 1024 * 1024;

/// The disk that the store's folder is on.
#[derive(Debug)]
pub(crate) struct DiskReserve {
    folder: File,
    /// How many bytes stay free.
    reserve: u64,
    /// Whether something was refused since there was room the last time.
    refused: bool,
}

impl DiskReserve {
    pub(crate) fn new(folder: &Path, reserve: u64) -> io::Result<Self> {
        Ok(Self { folder: File::open(folder)?, reserve, refused: false })
    }

    /// Whether these changes may be written.
    ///
    /// What only removes makes sled write too, of the reserve: down to a quarter of it, which is
    /// for what sled does by itself.
    pub(crate) fn check(&mut self, changes: &Changes) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let needed = if changes.adds() { self.reserve } else { self.reserve / 4 };
        let free = self.free()?;
        if free < needed {
            let (free, needed) = (free / MIB, needed / MIB);
            let reason = format!("its disk has {free} MiB left, of which it keeps {needed} free");
            if !self.refused {
                tracing::error!(reason, "the store takes no logins until its disk has room");
            }
            self.refused = true;
            return Err(StoreError::Unavailable(reason));
        }
        if self.refused && free >= self.reserve {
            self.refused = false;
            tracing::info!("the store's disk has room again");
        }
        Ok(())
    }

    /// How many bytes whoever runs Portico may still write.
    fn free(&self) -> Result<u64, StoreError> {
        let disk = fstatvfs(&self.folder)
            .map_err(|error| StoreError::Unavailable(format!("its disk tells no room: {error}")))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}
