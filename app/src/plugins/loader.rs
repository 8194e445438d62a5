//! From a file's bytes to a plug-in that runs.
//!
//! Compiling takes a second or more of a large plug-in, and what the compiler reads is somebody
//! else's: a process of its own does it, once. What it made is kept, authenticated by a key of
//! Portico's.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::{Arc, Once},
    time::Duration,
};

use anyhow::Context;
use portico_seal::KeyRing;
use portico_system::memory_of_machine;
use portico_wasm::{Compiled, CompiledCache, Limits, Plugin, Sandbox, compile_in_child};

use tokio::task::block_in_place;

use super::{LimitsEntry, PluginFile};
use crate::{Config, cli::COMPILE, config::Purpose};

/// The folder of compiled code, within the folder of plug-ins.
pub(super) const CACHE: &str = ".compiled";
/// The same, within a folder that the operator named.
const CACHE_NAMED: &str = "compiled";

/// How long one compilation may take where others keep the machine busy: its processor time is
/// bounded more closely.
const MAX_COMPILATION: Duration = Duration::from_secs(600);

/// Loads plug-ins.
#[derive(Clone)]
pub struct Loader {
    sandbox: Sandbox,
    /// `None` where there is no folder for it: everything is compiled at every start.
    cache: Option<Arc<Cache>>,
    /// Whether somebody waits at the command line: they are told there what takes long, and whoever
    /// serves in the log.
    is_command: bool,
}

struct Cache {
    entries: CompiledCache,
    folder: PathBuf,
    /// That nothing can be written there is said once, and not for each plug-in.
    said: Once,
}

impl Loader {
    /// Loads with a cache in the folder of plug-ins, or in the one that the operator named for it,
    /// under a key made from `keys`; what all instances may hold together is the operator's to say.
    pub(crate) fn new(config: &Config, keys: &KeyRing) -> anyhow::Result<Self> {
        let memory = config.plugin_memory.unwrap_or_else(|| share_of(memory_of_machine()));
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let sandbox =
            Sandbox::with_memory(memory).context("the sandbox of plug-ins cannot start")?;
        let key = keys.derive("compiled plug-ins");
        let folder = match &config.cache {
            // A folder of its own there, since it is made this user's alone: the operator may have
            // named one that others use too.
            Some(named) => Some(named.join(CACHE_NAMED)),
            None => config.providers.is_dir().then(|| config.providers.join(CACHE)),
        };
        let cache = folder.and_then(|folder| Cache::open(folder, *key)).map(Arc::new);
        Ok(Self { sandbox, cache, is_command: matches!(config.purpose, Purpose::Plugins) })
    }

    /// The plug-in in this file, within limits.
    pub(crate) async fn load(
        &self,
        file: &PluginFile,
        limits: LimitsEntry,
    ) -> anyhow::Result<Plugin> {
        // Tens of megabytes are read and authenticated: not at the cost of who else is served.
        let known =
            block_in_place(|| self.cache.as_ref()?.entries.get(&self.sandbox, file.digest()));
        let compiled = match known {
            Some(compiled) => compiled,
            None => self.compile(file).await?,
        };
        Ok(Plugin::load(&self.sandbox, &compiled, limits.into()).await?)
    }

    /// Compiles, in a process of its own, and keeps what came of it.
    async fn compile(&self, file: &PluginFile) -> anyhow::Result<Compiled> {
        if let Some(line) = announcement(file.bytes().len(), self.cache.is_some()) {
            match self.is_command {
                true => eprintln!("{line}"),
                false => tracing::info!(digest = %file.digest(), "{line}"),
            }
        }
        let compiled = compile(&self.sandbox, file.bytes()).await?;
        if let Some(cache) = &self.cache
            && let Err(error) = cache.entries.put(&self.sandbox, file.digest(), &compiled)
        {
            cache.said.call_once(|| cannot_be_kept(&cache.folder, &error));
        }
        Ok(compiled)
    }
}

impl Cache {
    fn open(folder: PathBuf, key: [u8; 32]) -> Option<Self> {
        match CompiledCache::open(&folder, key) {
            Ok(entries) => Some(Self { entries, folder, said: Once::new() }),
            Err(error) => {
                cannot_be_kept(&folder, &error);
                None
            }
        }
    }
}

fn cannot_be_kept(folder: &Path, error: &io::Error) {
    tracing::warn!(
        folder = %folder.display(),
        %error,
        "compiled plug-ins cannot be kept, so each start compiles them anew: let Portico's user write \
         there, or name another folder in PORTICO_CACHE"
    );
}

/// What of a machine's memory plug-ins may have where nobody says more or less: a quarter, up to a
/// gigabyte, which is thirty logins at once of a plug-in in Python and hundreds of one in Rust.
fn share_of(machine: Option<u64>) -> u64 {
    const MAX_BYTES: u64 = 1 << 30;
    machine.map_or(MAX_BYTES, |bytes| (bytes / 4).min(MAX_BYTES))
}

/// A component of more bytes takes long to compile. One in Python has 18 MiB and takes up to a minute,
/// one in JavaScript or Rust has 1 MiB at most and takes seconds.
const LARGE: usize = 4 << 20;

/// The line that says so before it is compiled, whether standard error is a terminal or not: who reads
/// it later wonders about the time too.
pub(crate) fn announcement(bytes: usize, is_kept: bool) -> Option<String> {
    let once = if is_kept { " What comes of it is kept: this is done once." } else { "" };
    let mebibytes = bytes >> 20;
    (bytes > LARGE).then(|| {
        format!("Compiling a component of {mebibytes} MiB, which may take a minute.{once}")
    })
}

/// Compiles a component in a process of this program's own.
pub(crate) async fn compile(sandbox: &Sandbox, component: &[u8]) -> anyhow::Result<Compiled> {
    let program = env::current_exe().context("Portico's own program cannot be found")?;
    Ok(compile_in_child(sandbox, &program, &COMPILE, component, MAX_COMPILATION).await?)
}

impl From<LimitsEntry> for Limits {
    fn from(entry: LimitsEntry) -> Self {
        let usual = Self::default();
        Self {
            memory: entry.memory_mib.map_or(usual.memory, |mib| (mib as usize) << 20),
            time: entry.time_ms.map_or(usual.time, |ms| Duration::from_millis(ms.into())),
            output: entry.output_kib.map_or(usual.output, |kib| (kib as usize) << 10),
        }
    }
}
