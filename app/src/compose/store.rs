//! Opens the store that the configuration names, and the keys that seal what it holds.

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

/// The name of the key file, in the folder of an embedded store: whatever mounts, moves or restores
/// the folder has the keys with it, without which nothing in it can be read.
pub(super) const KEY_FILE: &str = "portico.keys";

/// An open store and the keys for it.
pub(super) struct Store {
    pub(super) attempts: Arc<dyn AttemptRecords>,
    pub(super) records: Arc<dyn Records>,
    pub(super) keys: Arc<KeyRing>,
    /// Ends when the store cannot be used any more, with the reason.
    pub(super) failed: Pin<Box<dyn Future<Output = String> + Send>>,
}

impl Store {
    /// Opens the store that the configuration names.
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

/// The sealing keys: the operator's, or those of the key file, which is made where there is none. A
/// store in memory needs none that last.
pub(super) fn keys(config: &Config, entropy: &dyn Entropy) -> anyhow::Result<Arc<KeyRing>> {
    match (&config.store.keys, &config.store.choice) {
        (Some(keys), _) => Ok(keys.clone()),
        (None, StoreChoice::Sled(folder)) => Ok(Arc::new(key_file(folder, entropy)?)),
        (None, StoreChoice::Memory) => Ok(Arc::new(KeyRing::draw(entropy)?)),
    }
}

/// Opens the store; a damaged one is set aside, never wiped, and a new one begins.
fn open_sled(folder: &Path, reserve: u64, clock: &dyn Clock) -> anyhow::Result<SledRecords> {
    let options = portico_sled::Options { reserve, ..Default::default() };
    let open = || SledRecords::open(folder, options);
    let damaged = match open() {
        Err(error @ OpenError::Damaged { .. }) => error,
        opened => {
            let store = opened.map_err(explain)?;
            if store.is_new() {
                let folder = folder.display();
                tracing::info!(%folder, "a new store begins: nobody is signed in");
            }
            return Ok(store);
        }
    };
    let aside = set_aside(folder, clock.now()).map_err(explain)?;
    tracing::error!(
        %damaged,
        aside = %aside.display(),
        "the store was damaged: it is set aside, every session has ended, and everybody has to sign \
         in again; look at its disk, and put no part of it back"
    );
    let store = open().map_err(explain)?;
    // The new store goes on with the keys; what was set aside is not to be read by them.
    match std::fs::rename(aside.join(KEY_FILE), folder.join(KEY_FILE)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, "the key file could not be moved out of the store set aside");
        }
        _ => {}
    }
    Ok(store)
}

fn explain(error: OpenError) -> anyhow::Error {
    let mend = match &error {
        OpenError::InUse { .. } => "stop it, or write another folder into PORTICO_STORE",
        OpenError::Folder { .. } => {
            "let Portico's user write there, or write another folder into PORTICO_STORE"
        }
        OpenError::Damaged { .. } => "move it away, or write another folder into PORTICO_STORE",
    };
    let said = format!("{:#}", anyhow::Error::new(error));
    anyhow!("{said}: {mend}")
}

fn key_file(folder: &Path, entropy: &dyn Entropy) -> anyhow::Result<KeyRing> {
    let file = folder.join(KEY_FILE);
    if !file.exists() {
        take_over_keys(folder, &file)?;
    }
    KeyRing::load_or_create(&file, entropy).context("the sealing keys cannot be used")
}

/// Until version 0.1 the key file lay beside the folder, where a volume that was mounted there did
/// not hold it.
fn take_over_keys(folder: &Path, file: &Path) -> anyhow::Result<()> {
    let former = folder.parent().unwrap_or(Path::new("")).join(KEY_FILE);
    if !former.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).and_then(|()| std::fs::rename(&former, file)).with_context(
        || {
            let (former, file) = (former.display(), file.display());
            format!("the sealing keys in {former} belong to {file} now: move the file there")
        },
    )?;
    tracing::info!(file = %file.display(), "the key file lies in the store's folder from now on");
    Ok(())
}
