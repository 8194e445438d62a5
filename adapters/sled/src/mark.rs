//! How far the store was durable, kept apart from sled: a file with the number of the last batch
//! that somebody may have been answered.
//!
//! It is written after sled's flush and before the answers, so in whatever moment a kill or a loss
//! of power comes it names no batch that is not durable. Two slots are written in turn: one that was
//! torn leaves the one before.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::ledger::StoreId;

/// The file, in the folder of the store: a copy of the whole folder agrees with itself.
pub(crate) const FILE: &str = "portico.mark";
const NEW_FILE: &str = "portico.mark.new";

/// A slot is a block of its own, of which a disk writes no other one.
const SLOT: u64 = 4_096;
const FORMAT: &[u8; 16] = b"portico mark 1\n\0";
const BODY: usize = FORMAT.len() + size_of::<StoreId>() + size_of::<u64>();
const LENGTH: usize = BODY + 16;

/// Why there is no mark to go by.
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
    /// Up to which batch the store was durable.
    pub(crate) number: u64,
    file: File,
    /// Which slot is the older one.
    next: u64,
}

impl Mark {
    /// The mark in the folder `dir`, made there where nothing of sled's is yet.
    pub(crate) fn open(dir: &Path) -> Result<Self, MarkError> {
        let open = || OpenOptions::new().read(true).write(true).open(dir.join(FILE));
        match open() {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if holds_a_store(dir)? {
                    return Err(MarkError::Missing);
                }
                make(dir)?;
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

    /// Has the mark say `number`, durably. Everything up to that batch MUST be durable.
    pub(crate) fn advance(&mut self, number: u64) -> io::Result<()> {
        self.file.write_all_at(&lay_out(&self.store, number), self.next * SLOT)?;
        self.file.sync_data()?;
        (self.number, self.next) = (number, 1 - self.next);
        Ok(())
    }

    /// A handle on the file.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

/// Whether sled has been at work in the folder.
fn holds_a_store(dir: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name == "db" || name == "conf" || name.starts_with("snap.") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whole under its name, or not there: a kill leaves no half of it.
fn make(dir: &Path) -> io::Result<()> {
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
        file.write_all_at(&lay_out(&store, 0), slot * SLOT)?;
    }
    // Its whole length is there from now on, so that to advance it is one write in place.
    file.set_len(2 * SLOT)?;
    file.sync_all()?;
    fs::rename(&new, dir.join(FILE))?;
    File::open(dir)?.sync_all()
}

fn lay_out(store: &StoreId, number: u64) -> [u8; LENGTH] {
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
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_after_a_restart_what_it_was_advanced_to() {
        let folder = tempfile::tempdir().unwrap();
        let mut mark = Mark::open(folder.path()).unwrap();
        let store = mark.store;
        assert_eq!(mark.number, 0);
        for number in [1, 2, 7] {
            mark.advance(number).unwrap();
            mark = Mark::open(folder.path()).unwrap();
            assert_eq!((mark.store, mark.number), (store, number));
        }
    }

    #[test]
    fn a_torn_slot_leaves_the_one_before_and_two_are_no_mark() {
        let folder = tempfile::tempdir().unwrap();
        let mut mark = Mark::open(folder.path()).unwrap();
        mark.advance(1).unwrap();
        mark.advance(2).unwrap();
        let newest = (1 - mark.next) * SLOT;
        mark.file.write_all_at(&[0xA5; 20], newest + 20).unwrap();
        let mut mark = Mark::open(folder.path()).unwrap();
        assert_eq!(mark.number, 1);
        // What is written next does not go over the one that is whole.
        mark.file.write_all_at(&[0xA5; 20], mark.next * SLOT).unwrap();
        assert_eq!(Mark::open(folder.path()).unwrap().number, 1);
        mark.advance(3).unwrap();
        for slot in [0, SLOT] {
            mark.file.write_all_at(&[0xA5; 20], slot).unwrap();
        }
        assert!(matches!(Mark::open(folder.path()), Err(MarkError::Unreadable)));
    }

    #[test]
    fn a_mark_that_is_missing_beside_sleds_files_is_not_made_anew() {
        for file in ["db", "conf", "snap.0000000000000001"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(file), "").unwrap();
            assert!(matches!(Mark::open(folder.path()), Err(MarkError::Missing)), "{file}");
        }
    }

    #[test]
    fn a_new_mark_that_a_kill_left_half_written_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NEW_FILE), "half").unwrap();
        assert_eq!(Mark::open(folder.path()).unwrap().number, 0);
        assert!(!folder.path().join(NEW_FILE).exists());
    }
}
