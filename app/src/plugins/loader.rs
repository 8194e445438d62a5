//! From a file's bytes to a plug-in that runs.
//!
//! Compiling takes a second or more of a large plug-in, and what the compiler reads is somebody
//! else's: a process of its own does it, once. What it made is kept, authenticated by a key of
//! Portico's.

use std::{env, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use portico_seal::KeyRing;
use portico_system::memory_of_machine;
use portico_wasm::{Compiled, CompiledCache, Limits, Plugin, Sandbox, compile_in_child};

use tokio::task::block_in_place;

use super::{LimitsEntry, PluginFile};
use crate::cli::COMPILE;

/// The folder of compiled code, within the folder of plug-ins.
pub(super) const CACHE: &str = ".compiled";

/// How long one compilation may take where others keep the machine busy: its processor time is
/// bounded more closely.
const LONGEST_COMPILATION: Duration = Duration::from_secs(600);

/// Loads plug-ins.
#[derive(Clone)]
pub struct Loader {
    sandbox: Sandbox,
    /// `None` where the folder cannot be written: everything is compiled at every start.
    cache: Option<Arc<CompiledCache>>,
}

impl Loader {
    /// Loads with a cache in this folder of plug-ins, under a key made from `keys`; `memory` is
    /// what all instances may hold together, in bytes.
    pub(crate) fn new(folder: &Path, keys: &KeyRing, memory: Option<u64>) -> anyhow::Result<Self> {
        let memory = memory.unwrap_or_else(|| share_of(memory_of_machine()));
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let sandbox =
            Sandbox::with_memory(memory).context("the sandbox of plug-ins cannot start")?;
        let key = keys.derive("compiled plug-ins");
        let cache = if folder.is_dir() {
            let opened = CompiledCache::open(folder.join(CACHE), *key);
            let unkept = |error: &_| {
                tracing::warn!(%error, "compiled plug-ins cannot be kept: each start compiles anew");
            };
            opened.inspect_err(unkept).ok().map(Arc::new)
        } else {
            None
        };
        Ok(Self { sandbox, cache })
    }

    /// The plug-in in this file, within limits.
    pub(crate) async fn load(
        &self,
        file: &PluginFile,
        limits: LimitsEntry,
    ) -> anyhow::Result<Plugin> {
        // Tens of megabytes are read and authenticated: not at the cost of who else is served.
        let known = block_in_place(|| self.cache.as_ref()?.get(&self.sandbox, file.digest()));
        let compiled = match known {
            Some(compiled) => compiled,
            None => self.compile(file).await?,
        };
        Ok(Plugin::load(&self.sandbox, &compiled, limits.into()).await?)
    }

    /// Compiles, in a process of its own, and keeps what came of it.
    async fn compile(&self, file: &PluginFile) -> anyhow::Result<Compiled> {
        let compiled = compile(&self.sandbox, file.bytes()).await?;
        if let Some(cache) = &self.cache
            && let Err(error) = cache.put(&self.sandbox, file.digest(), &compiled)
        {
            tracing::warn!(%error, "what was compiled cannot be kept");
        }
        Ok(compiled)
    }
}

/// What of a machine's memory plug-ins may have where nobody says more or less: a quarter, up to a
/// gigabyte, which is thirty logins at once of a plug-in in Python and hundreds of one in Rust.
fn share_of(machine: Option<u64>) -> u64 {
    const MOST: u64 = 1 << 30;
    machine.map_or(MOST, |bytes| (bytes / 4).min(MOST))
}

/// Compiles a component in a process of this program's own.
pub(crate) async fn compile(sandbox: &Sandbox, component: &[u8]) -> anyhow::Result<Compiled> {
    let program = env::current_exe().context("Portico's own program cannot be found")?;
    Ok(compile_in_child(sandbox, &program, &COMPILE, component, LONGEST_COMPILATION).await?)
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
