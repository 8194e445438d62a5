//! Opening the store: once at a time, and past what a kill may have left.

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
    SledRecords,
    disk_reserve::DiskReserve,
    ledger::{Ledger, Mismatch},
    mark::{self, Mark, MarkError},
    presence::Presence,
    rows::SledRows,
    writer::{Disk, Writer},
};

/// Held while the store is open. Sled locks its data file as well, but only after it has begun to
/// work in the folder.
const LOCK: &str = "portico.lock";

/// Sled's data file.
const DATA: &str = "db";

/// How long a store that was closed may still hold its data file.
const CLOSING: Duration = Duration::from_secs(5);

/// How often sled's own thread flushes, in milliseconds.
///
/// The writer flushes whatever it writes; but that thread is also the only one that takes back the
/// space of what was replaced, one segment of 512 KiB each time. At sled's 500 ms it falls behind
/// the writes of a busy hour, and the file grows to more than twice of what it holds.
const CLEAN_EVERY_MS: u64 = 20;

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much of the store sled keeps in memory, in bytes.
    pub cache: u64,
    /// How much of the disk the store leaves free, in bytes. Below that it takes no new sessions
    /// and no changes of them; below a quarter of it nothing is removed either. Reads go on.
    pub reserve: u64,
}

impl Default for Options {
    /// 256 MiB: room for what every request reads of 100,000 sessions, and a quarter of what sled
    /// would take unasked. It is a bound; a Portico with few sessions takes little of it. And 64 MiB of
    /// the disk, which is many times what sled writes before the next look at it.
    fn default() -> Self {
        Self { cache: 256 * 1024 * 1024, reserve: 64 * 1024 * 1024 }
    }
}

/// Why a store could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the store in {dir} is in use by another Portico")]
    InUse {
        /// The folder.
        dir: PathBuf,
    },
    /// The system does not let Portico work in the folder.
    #[error("the store's folder {dir} cannot be used")]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// What is there makes no sense, or is not what was durable. See [`crate::set_aside()`].
    #[error("the store in {dir} is damaged: {detail}")]
    Damaged {
        /// The folder.
        dir: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

impl SledRecords {
    /// Opens the store in the folder `dir`, which is made where it is missing.
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
        let room = DiskReserve::new(dir, options.reserve).map_err(failed)?;
        let presence = presence(dir, &lock, &data, &mark).map_err(failed)?;
        let new = ledger.number() == 0;
        let disk = Disk { db, rows: rows.clone(), ledger, mark, data, room, presence };
        let writer = Writer::start(disk).map_err(failed)?;
        Ok(Self { writer, rows, new, _lock: lock })
    }
}

/// The mark of a store that was there before, or a new one where there was none.
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

/// Takes the folder for this process, until the file is closed.
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

/// Waits until sled has let go of the data file.
///
/// Threads of a store that this process has just closed may hold it a moment longer. Nobody else
/// can, but a program that does not know of our lock.
fn wait_for_data_file(dir: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Folder { dir: dir.into(), source };
    let data = match OpenOptions::new().write(true).open(dir.join(DATA)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(failed)?,
    };
    let patience = Instant::now() + CLOSING;
    loop {
        match data.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if Instant::now() > patience => {
                return Err(OpenError::InUse { dir: dir.into() });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// A kill while sled opens leaves a half-written snapshot under a name of its own, which sled then
/// takes for a whole one and refuses to open. It holds nothing that is not in the log.
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

/// Opens sled's files and reads all that is in them: what is damaged must be known before anybody
/// is answered from it.
fn open_sled(dir: &Path, options: Options, mark: &Mark) -> Result<(sled::Db, Ledger), OpenError> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(options.cache)
        .flush_every_ms(Some(CLEAN_EVERY_MS));
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
        // Sled asserts what it expects to find; the message is on standard error.
        Err(_) => damaged("sled panicked while it read it".into()),
    };
    // Sled writes into the folder by its name, in which another store will be.
    // Where a panic has left it open, it is damaged all the same.
    drop(wait_for_data_file(dir));
    Err(error)
}

/// Whether sled found less, or something else, than it looked for in its files.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::Other)
}

/// Makes the names of new files, and of the folder itself, survive a loss of power.
fn sync_folders(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()?;
    match dir.canonicalize()?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
