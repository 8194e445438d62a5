//! Opens the configured store and the sealing keys.

use std::{
    future::{Future, pending},
    io::ErrorKind,
    path::Path,
    pin::Pin,
    sync::Arc,
};

use anyhow::{Context, anyhow};
use portico_domain::ports::{Clock, Entropy};
use portico_memory::MemoryRecords;
use portico_records::{AttemptRecords, Records};
use portico_seal::KeyRing;
use portico_sled::{OpenError, SledRecords, set_aside};

use crate::config::{Config, StoreChoice};

/// The name of the key file. It is in the folder of the embedded store, because nothing in the store can
/// be read without it: it is mounted, moved and restored with the store.
pub(super) const KEY_FILE: &str = "portico.keys";

/// An open store and its sealing keys.
pub(super) struct Store {
    pub(super) attempts: Arc<dyn AttemptRecords>,
    pub(super) records: Arc<dyn Records>,
    pub(super) keys: Arc<KeyRing>,
    /// Resolves with the reason when the store has failed.
    pub(super) failed: Pin<Box<dyn Future<Output = String> + Send>>,
}

impl Store {
    pub(super) fn open(
        config: &Config,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> anyhow::Result<Self> {
        match &config.store.choice {
            StoreChoice::Memory => Self::in_memory(config, entropy),
            StoreChoice::Sled(folder) => Self::in_sled(folder, config, clock, entropy),
        }
    }

    fn in_memory(config: &Config, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let keys = keys(config, entropy)?;
        let records = Arc::new(MemoryRecords::default());
        let failed = Box::pin(pending());
        Ok(Self { attempts: records.clone(), records, keys, failed })
    }

    fn in_sled(
        folder: &Path,
        config: &Config,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> anyhow::Result<Self> {
        let records = Arc::new(open_sled(folder, config.store.reserve, clock)?);
        let keys = keys(config, entropy)?;
        let failed = Box::pin(records.failed());
        Ok(Self { attempts: records.clone(), records, keys, failed })
    }
}

/// The sealing keys: the configured ones, else those of the key file, which is created if it is missing.
/// A store in memory gets random keys, since its sessions end with the process.
pub(super) fn keys(config: &Config, entropy: &dyn Entropy) -> anyhow::Result<Arc<KeyRing>> {
    match (&config.store.keys, &config.store.choice) {
        (Some(keys), _) => Ok(keys.clone()),
        (None, StoreChoice::Sled(folder)) => Ok(Arc::new(load_key_file(folder, entropy)?)),
        (None, StoreChoice::Memory) => Ok(Arc::new(KeyRing::draw(entropy)?)),
    }
}

/// Opens the store. A damaged one is set aside, never deleted, and replaced by a new one.
fn open_sled(folder: &Path, reserve: u64, clock: &dyn Clock) -> anyhow::Result<SledRecords> {
    let options = portico_sled::Options { reserve, ..Default::default() };
    let open = || SledRecords::open(folder, options);
    let damaged = match open() {
        Err(error @ OpenError::Damaged { .. }) => error,
        opened => {
            let store = opened.map_err(with_remedy)?;
            if store.is_new() {
                let folder = folder.display();
                tracing::info!(%folder, "a new store was created: nobody is signed in");
            }
            return Ok(store);
        }
    };
    let aside = set_aside(folder, clock.now()).map_err(with_remedy)?;
    tracing::error!(
        %damaged,
        aside = %aside.display(),
        "the store was damaged: it is set aside, every session has ended, and everybody has to sign \
         in again; check the disk, and restore no part of the damaged store"
    );
    let store = open().map_err(with_remedy)?;
    // The new store uses the same keys, and the damaged one can no longer be read.
    match std::fs::rename(aside.join(KEY_FILE), folder.join(KEY_FILE)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, "the key file could not be moved from the damaged store to the new one");
        }
        _ => {}
    }
    Ok(store)
}

fn with_remedy(error: OpenError) -> anyhow::Error {
    let remedy = match &error {
        OpenError::InUse { .. } => "stop that process, or write another folder into PORTICO_STORE",
        OpenError::Folder { .. } => {
            "grant Portico's user write access, or write another folder into PORTICO_STORE"
        }
        OpenError::Damaged { .. } => "move it away, or write another folder into PORTICO_STORE",
    };
    let message = format!("{:#}", anyhow::Error::new(error));
    anyhow!("{message}: {remedy}")
}

fn load_key_file(folder: &Path, entropy: &dyn Entropy) -> anyhow::Result<KeyRing> {
    let file = folder.join(KEY_FILE);
    if !file.exists() {
        move_former_key_file(folder, &file)?;
    }
    KeyRing::load_or_create(&file, entropy).context("the sealing keys cannot be used")
}

/// Moves the key file of an earlier version, which was beside the store's folder and so not on a volume
/// mounted there.
fn move_former_key_file(folder: &Path, file: &Path) -> anyhow::Result<()> {
    let former = folder.parent().unwrap_or(Path::new("")).join(KEY_FILE);
    if !former.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).and_then(|()| std::fs::rename(&former, file)).with_context(
        || {
            let (former, file) = (former.display(), file.display());
            format!("the key file {former} could not be moved to {file}: move it there")
        },
    )?;
    tracing::info!(file = %file.display(), "the key file was moved into the folder of the store");
    Ok(())
}
