//! Opening the store: by one process at a time, and after a kill of the one before.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use thiserror::Error;

use crate::{
    disk_reserve::DiskReserve,
    ledger::{Ledger, Mismatch},
    mark::{self, Mark, MarkError},
    presence::Presence,
    rows::SledRows,
    store::SledRecords,
    writer::{Disk, Writer},
};

/// Locked while the store is open. Sled locks its data file as well, but only after it has written to
/// the folder.
const LOCK: &str = "portico.lock";

/// Sled's data file.
const DATA: &str = "db";

/// Timeout of waiting for the lock of the data file, which a store that was closed may still hold.
const DATA_LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The interval at which sled's own thread flushes, in milliseconds.
///
/// The writer flushes what it writes, but only sled's thread reclaims the space of overwritten rows,
/// one segment of 512 KiB each time. At sled's default of 500 ms it falls behind the writes of a busy
/// hour, and the file grows to more than twice its contents.
const FLUSH_INTERVAL_MS: u64 = 20;

/// Options of opening a store.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The size of sled's cache, in bytes.
    pub cache: u64,
    /// The disk space that the store leaves free, in bytes. With less, it refuses new and changed
    /// records; with less than a quarter of it, also removals. Reads go on.
    pub reserve: u64,
}

impl Default for Options {
    /// A cache of at most 64 MiB: responses and versions of sessions in use are cached above the store.
    /// A reserve of 64 MiB, many times what sled writes between two checks.
    fn default() -> Self {
        Self { cache: 64 * 1024 * 1024, reserve: 64 * 1024 * 1024 }
    }
}

/// Why a store was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has opened it.
    #[error("the store in {dir} is in use by another Portico")]
    InUse {
        /// The folder.
        dir: PathBuf,
    },
    /// An operation on the folder or a file in it failed.
    #[error("the store's folder {dir} cannot be used")]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// Its files cannot be read, or their contents are not what was durable. See [`crate::set_aside()`].
    #[error("the store in {dir} is damaged: {detail}")]
    Damaged {
        /// The folder.
        dir: PathBuf,
        /// The damage.
        detail: String,
    },
}

impl SledRecords {
    /// Opens the store in the folder `dir`, which is created if it does not exist.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Folder { dir: dir.into(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
        let lock = lock(dir)?;
        wait_for_data_file(dir)?;
        let mark = open_mark(dir)?;
        remove_torn_snapshots(dir).map_err(failed)?;
        let (db, ledger) = open_sled(dir, options, &mark)?;

        let rows = SledRows::new((*db).clone());
        let data = OpenOptions::new().write(true).open(dir.join(DATA)).map_err(failed)?;
        data.sync_all().and_then(|()| sync_folders(dir)).map_err(failed)?;
        let reserve = DiskReserve::new(dir, options.reserve).map_err(failed)?;
        let presence = presence(dir, &lock, &data, &mark).map_err(failed)?;
        let new = ledger.number() == 0;
        let disk = Disk { db, rows: rows.clone(), ledger, mark, data, reserve, presence };
        let writer = Writer::start(disk).map_err(failed)?;
        Ok(Self { writer, rows, new, _lock: lock })
    }
}

/// Opens the mark of an existing store or creates that of a new one.
fn open_mark(dir: &Path) -> Result<Mark, OpenError> {
    Mark::open(dir).map_err(|error| match error {
        MarkError::Io(source) => OpenError::Folder { dir: dir.into(), source },
        damaged => OpenError::Damaged { dir: dir.into(), detail: damaged.to_string() },
    })
}

fn presence(dir: &Path, lock: &File, data: &File, mark: &Mark) -> io::Result<Arc<Presence>> {
    let (lock, data) = (lock.try_clone()?, data.try_clone()?);
    let files = [(LOCK, lock), (DATA, data), (mark::FILE, mark.handle()?)];
    Presence::new(dir, files).map(Arc::new)
}

/// Locks the folder for this process until the returned file is closed.
pub(crate) fn lock(dir: &Path) -> Result<File, OpenError> {
    let failed = |source| OpenError::Folder { dir: dir.into(), source };
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(dir.join(LOCK));
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { dir: dir.into() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Waits until the data file is not locked.
///
/// Threads of a store that this process has just closed hold the lock a little longer. Another program
/// may hold it if it ignores [`LOCK`].
fn wait_for_data_file(dir: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Folder { dir: dir.into(), source };
    let data = match OpenOptions::new().write(true).open(dir.join(DATA)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(failed)?,
    };
    let deadline = Instant::now() + DATA_LOCK_TIMEOUT;
    loop {
        match data.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                return Err(OpenError::InUse { dir: dir.into() });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// Removes incomplete snapshots. A kill while sled opens leaves one under a temporary name; sled would
/// read it as a complete one and fail. All it contains is in the log.
fn remove_torn_snapshots(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Opens sled's files and verifies all rows, so that damage is detected before the first request.
fn open_sled(dir: &Path, options: Options, mark: &Mark) -> Result<(sled::Db, Ledger), OpenError> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(options.cache)
        .flush_every_ms(Some(FLUSH_INTERVAL_MS));
    let damaged = |detail: String| OpenError::Damaged { dir: dir.into(), detail };
    let open = || -> Result<_, Mismatch> {
        let db = config.open()?;
        let ledger = Ledger::verified(&db, mark)?;
        Ok((db, ledger))
    };
    let error = match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok(opened)) => return Ok(opened),
        Ok(Err(Mismatch::Sled(sled::Error::Io(source)))) if !is_damage(&source) => {
            OpenError::Folder { dir: dir.into(), source }
        }
        Ok(Err(error)) => damaged(error.to_string()),
        // Sled panics on unexpected data; the message is on standard error.
        Err(_) => damaged("sled panicked while reading it".into()),
    };
    // Sled's threads write to the folder by its path, where the next store will be, so wait for them.
    // After a panic they may never end; the store is damaged either way.
    drop(wait_for_data_file(dir));
    Err(error)
}

/// Whether sled reports missing or unexpected data in its files by this error.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::Other)
}

/// Makes the directory entries of new files and of the folder itself durable.
fn sync_folders(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()?;
    match dir.canonicalize()?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
