//! The disk space that the store leaves free.
//!
//! Sled does not recover from a write without disk space: the store would fail, reads included. So
//! writes are refused before that: first those that add rows, then all of them. Reads go on.

use std::{fs::File, io, path::Path};

use portico_domain::ports::StoreError;
use portico_records::Changes;
use rustix::fs::fstatvfs;

const MIB: u64 = 1024 * 1024;

/// The reserve on the file system of the store's folder.
#[derive(Debug)]
pub(crate) struct DiskReserve {
    folder: File,
    /// Bytes that stay free.
    reserve: u64,
    /// Whether a write was refused since the reserve was last available.
    refused: bool,
}

impl DiskReserve {
    pub(crate) fn new(folder: &Path, reserve: u64) -> io::Result<Self> {
        Ok(Self { folder: File::open(folder)?, reserve, refused: false })
    }

    /// Whether these changes may be written.
    ///
    /// Removals are written as well and may use the reserve down to a quarter, which is left for
    /// sled's own writes.
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

    /// Free bytes for this user (`f_bavail`).
    fn free(&self) -> Result<u64, StoreError> {
        let disk = fstatvfs(&self.folder).map_err(|error| {
            StoreError::Unavailable(format!("its disk space is unknown: {error}"))
        })?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}
