//! Loads a plug-in from its file's bytes.
//!
//! Compiling takes seconds for a large plug-in and reads untrusted input, so a child process does it,
//! once. The machine code is cached, authenticated by a key of Portico's.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::{Arc, Once},
    time::Duration,
};

use portico_wasm::{Compiled, CompiledCache, Limits, LoadError, Plugin, Sandbox, compile_in_child};
use tokio::task::block_in_place;

use crate::{
    errors::chain,
    folder::{CACHE, PluginFile},
    lock::LimitsEntry,
};

/// The name of the cache folder within a folder that the operator configured.
const CACHE_SUBFOLDER: &str = "compiled";

/// The timeout of a compilation, long enough for a busy machine; its processor time has a lower limit.
const COMPILATION_TIMEOUT: Duration = Duration::from_secs(600);

/// How plug-ins are loaded.
pub struct LoaderOptions<'a> {
    /// The memory budget of all instances, in bytes.
    pub memory: u64,
    /// The folder of compiled code.
    pub cache: CacheFolder<'a>,
    /// The key that authenticates compiled code.
    pub key: [u8; 32],
    /// The compiler process.
    pub compiler: Compiler,
    /// Whether this is a command: long operations are announced on standard error, otherwise in the log.
    pub is_command: bool,
}

/// The folder of compiled code.
#[derive(Clone, Copy, Debug)]
pub enum CacheFolder<'a> {
    /// Within this folder of plug-ins, if it exists.
    Beside(&'a Path),
    /// In a subfolder of this one: other programs may use the configured folder, and the cache's folder
    /// gets mode 0700.
    Within(&'a Path),
}

/// Runs this program as the compiler process.
#[derive(Clone, Copy, Debug)]
pub struct Compiler {
    /// The arguments with which this program compiles its standard input to its standard output.
    pub arguments: &'static [&'static str],
}

impl Compiler {
    /// Compiles a component for this sandbox.
    pub async fn compile(self, sandbox: &Sandbox, component: &[u8]) -> Result<Compiled, LoadError> {
        let program = env::current_exe().map_err(LoadError::Child)?;
        compile_in_child(sandbox, &program, self.arguments, component, COMPILATION_TIMEOUT).await
    }
}

/// Loads plug-ins.
#[derive(Clone)]
pub struct Loader {
    /// The sandbox, or why this machine has none.
    sandbox: Result<Sandbox, String>,
    /// `None` without a folder: each start compiles every plug-in.
    cache: Option<Arc<Cache>>,
    compiler: Compiler,
    is_command: bool,
}

struct Cache {
    entries: CompiledCache,
    folder: PathBuf,
    /// Logs a failed write once, not for each plug-in.
    write_warning: Once,
}

impl Loader {
    /// A loader. Without a sandbox on this machine it logs an error and loads nothing; built-in providers
    /// need no sandbox.
    pub fn new(options: LoaderOptions<'_>) -> Self {
        let memory = usize::try_from(options.memory).unwrap_or(usize::MAX);
        Self::in_sandbox(Sandbox::with_memory(memory), options)
    }

    fn in_sandbox(sandbox: Result<Sandbox, LoadError>, options: LoaderOptions<'_>) -> Self {
        let sandbox = sandbox.map_err(|error| {
            tracing::error!(
                error = chain(&error),
                "no plug-in can run on this machine; Portico goes on with the providers that are built in"
            );
            match error {
                LoadError::Sandbox(why) => why,
                other => other.to_string(),
            }
        });
        let folder = match options.cache {
            CacheFolder::Within(named) => Some(named.join(CACHE_SUBFOLDER)),
            CacheFolder::Beside(plugins) => plugins.is_dir().then(|| plugins.join(CACHE)),
        };
        let folder = folder.filter(|_| sandbox.is_ok());
        let cache = folder.and_then(|folder| Cache::open(folder, options.key)).map(Arc::new);
        Self { sandbox, cache, compiler: options.compiler, is_command: options.is_command }
    }

    /// Loads the plug-in of this file with these limits.
    pub(crate) async fn load(
        &self,
        file: &PluginFile,
        limits: LimitsEntry,
    ) -> Result<Plugin, LoadError> {
        let sandbox = self.sandbox.as_ref().map_err(|why| LoadError::Sandbox(why.clone()))?;
        // Reads and authenticates tens of megabytes; `block_in_place` keeps the runtime responsive.
        let cached = block_in_place(|| self.cache.as_ref()?.entries.get(sandbox, file.digest()));
        let compiled = match cached {
            Some(compiled) => compiled,
            None => self.compile(sandbox, file).await?,
        };
        Plugin::load(sandbox, &compiled, limits.into()).await
    }

    /// Compiles in a child process and stores the result in the cache.
    async fn compile(&self, sandbox: &Sandbox, file: &PluginFile) -> Result<Compiled, LoadError> {
        if let Some(line) = announcement(file.bytes().len(), self.cache.is_some()) {
            match self.is_command {
                true => eprintln!("{line}"),
                false => tracing::info!(digest = %file.digest(), "{line}"),
            }
        }
        let compiled = self.compiler.compile(sandbox, file.bytes()).await?;
        if let Some(cache) = &self.cache
            && let Err(error) = cache.entries.put(sandbox, file.digest(), &compiled)
        {
            cache.write_warning.call_once(|| warn_unwritable(&cache.folder, &error));
        }
        Ok(compiled)
    }
}

impl Cache {
    fn open(folder: PathBuf, key: [u8; 32]) -> Option<Self> {
        match CompiledCache::open(&folder, key) {
            Ok(entries) => Some(Self { entries, folder, write_warning: Once::new() }),
            Err(error) => {
                warn_unwritable(&folder, &error);
                None
            }
        }
    }
}

fn warn_unwritable(folder: &Path, error: &io::Error) {
    tracing::warn!(
        folder = %folder.display(),
        %error,
        "compiled plug-ins cannot be kept, so each start compiles them anew: let Portico's user write \
         there, or name another folder in PORTICO_CACHE"
    );
}

/// Components of more bytes are announced before they are compiled. One in Python has 18 MiB and takes up
/// to a minute; one in JavaScript or Rust has at most 1 MiB and takes seconds.
const ANNOUNCED_SIZE: usize = 4 << 20;

/// The announcement of a long compilation; `None` for a small component. `is_kept`: the result is
/// cached.
pub fn announcement(bytes: usize, is_kept: bool) -> Option<String> {
    let once = if is_kept { " What comes of it is kept: this is done once." } else { "" };
    let mebibytes = bytes >> 20;
    (bytes > ANNOUNCED_SIZE).then(|| {
        format!("Compiling a component of {mebibytes} MiB, which may take a minute.{once}")
    })
}

impl From<LimitsEntry> for Limits {
    fn from(entry: LimitsEntry) -> Self {
        let default = Self::default();
        Self {
            memory: entry.memory_mib.map_or(default.memory, |mib| (mib as usize) << 20),
            time: entry.time_ms.map_or(default.time, |ms| Duration::from_millis(ms.into())),
            output: entry.output_kib.map_or(default.output, |kib| (kib as usize) << 10),
        }
    }
}

#[cfg(test)]
mod tests;
