//! The mark: a file beside sled's with the number of the last durable batch.
//!
//! It is written after sled's flush and before callers are answered. So at any kill or loss of power,
//! the batch in the mark is durable and no later one was acknowledged. Two slots are written in turn:
//! after a torn write of one, the other is valid.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The random id of a store, in its mark and its ledger.
pub(crate) type StoreId = [u8; 16];

/// The file is in the folder of the store, so that a copy of the whole folder is consistent.
pub(crate) const FILE: &str = "portico.mark";
const NEW_FILE: &str = "portico.mark.new";

/// The size of a slot: a block, so that writing one slot leaves the other untouched on disk.
const SLOT: u64 = 4_096;
const FORMAT: &[u8; 16] = b"portico mark 1\n\0";
const BODY: usize = FORMAT.len() + size_of::<StoreId>() + size_of::<u64>();
const LENGTH: usize = BODY + 16;

/// Why the mark was not opened.
#[derive(Debug, Error)]
pub(crate) enum MarkError {
    #[error("its mark is missing")]
    Missing,
    #[error("its mark cannot be read")]
    Unreadable,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The mark of an open store.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) store: StoreId,
    /// The number of the last durable batch.
    pub(crate) number: u64,
    file: File,
    /// The slot that is written next: the older one.
    next: u64,
}

impl Mark {
    /// Opens the mark in the folder `dir`. Creates it if sled has no files there.
    pub(crate) fn open(dir: &Path) -> Result<Self, MarkError> {
        let open = || OpenOptions::new().read(true).write(true).open(dir.join(FILE));
        match open() {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if contains_sled_files(dir)? {
                    return Err(MarkError::Missing);
                }
                create(dir)?;
                Self::read(open()?)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read(file: File) -> Result<Self, MarkError> {
        let mut found: Option<(StoreId, u64, u64)> = None;
        for slot in [0, 1] {
            let mut bytes = [0; LENGTH];
            match file.read_exact_at(&mut bytes, slot * SLOT) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => continue,
                read => read?,
            }
            if let Some((store, number)) = parse(&bytes)
                && found.is_none_or(|(_, other, _)| other <= number)
            {
                found = Some((store, number, 1 - slot));
            }
        }
        let (store, number, next) = found.ok_or(MarkError::Unreadable)?;
        Ok(Self { store, number, file, next })
    }

    /// Writes `number` durably. All batches up to it MUST be durable.
    pub(crate) fn advance(&mut self, number: u64) -> io::Result<()> {
        self.file.write_all_at(&slot_bytes(&self.store, number), self.next * SLOT)?;
        self.file.sync_data()?;
        (self.number, self.next) = (number, 1 - self.next);
        Ok(())
    }

    /// Another handle of the file.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

fn contains_sled_files(dir: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name == "db" || name == "conf" || name.starts_with("snap.") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Creates the mark atomically.
fn create(dir: &Path) -> io::Result<()> {
    let mut store = StoreId::default();
    getrandom::fill(&mut store).map_err(io::Error::other)?;
    let new = dir.join(NEW_FILE);
    if let Err(error) = fs::remove_file(&new)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    for slot in [0, 1] {
        file.write_all_at(&slot_bytes(&store, 0), slot * SLOT)?;
    }
    // Allocates both slots, so that advancing the mark is one write in place.
    file.set_len(2 * SLOT)?;
    file.sync_all()?;
    fs::rename(&new, dir.join(FILE))?;
    File::open(dir)?.sync_all()
}

fn slot_bytes(store: &StoreId, number: u64) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[..16].copy_from_slice(FORMAT);
    bytes[16..32].copy_from_slice(store);
    bytes[32..BODY].copy_from_slice(&number.to_be_bytes());
    let sum = checksum(&bytes[..BODY]);
    bytes[BODY..].copy_from_slice(&sum);
    bytes
}

fn parse(bytes: &[u8; LENGTH]) -> Option<(StoreId, u64)> {
    let (body, sum) = bytes.split_at(BODY);
    if checksum(body) != *sum {
        return None;
    }
    let body = body.strip_prefix(FORMAT)?;
    let (store, number) = body.split_first_chunk()?;
    Some((*store, u64::from_be_bytes(number.try_into().ok()?)))
}

fn checksum(body: &[u8]) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(body).into();
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
