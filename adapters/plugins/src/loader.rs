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

use portico_wasm::{Compiled, CompiledCache, Limits, LoadError, Plugin, Sandbox, compile_in_child};
use tokio::task::block_in_place;

use crate::{
    errors::chain,
    folder::{CACHE, PluginFile},
    lock::LimitsEntry,
};

/// The folder of compiled code, within a folder that the operator named.
const CACHE_NAMED: &str = "compiled";

/// How long one compilation may take where others keep the machine busy: its processor time is
/// bounded more closely.
const MAX_COMPILATION: Duration = Duration::from_secs(600);

/// How plug-ins are loaded.
pub struct LoaderOptions<'a> {
    /// How many bytes all instances may hold together.
    pub memory: u64,
    /// Where compiled code is kept.
    pub cache: CacheFolder<'a>,
    /// What compiled code is authenticated with.
    pub key: [u8; 32],
    /// What compiles.
    pub compiler: Compiler,
    /// Whether somebody waits at the command line: they are told there what takes long, and whoever
    /// serves in the log.
    pub is_command: bool,
}

/// Where compiled code is kept.
#[derive(Clone, Copy, Debug)]
pub enum CacheFolder<'a> {
    /// In the folder of plug-ins, where that is there.
    Beside(&'a Path),
    /// In a folder of its own within this one: the operator may have named one that others use too, and
    /// the cache's own is made this user's alone.
    Within(&'a Path),
}

/// Makes a process of this program's own compile.
#[derive(Clone, Copy, Debug)]
pub struct Compiler {
    /// The arguments that make this program compile its input to its output.
    pub arguments: &'static [&'static str],
}

impl Compiler {
    /// Machine code of this component, for this sandbox.
    pub async fn compile(self, sandbox: &Sandbox, component: &[u8]) -> Result<Compiled, LoadError> {
        let program = env::current_exe().map_err(LoadError::Child)?;
        compile_in_child(sandbox, &program, self.arguments, component, MAX_COMPILATION).await
    }
}

/// Loads plug-ins.
#[derive(Clone)]
pub struct Loader {
    /// Where plug-ins run, or why none can run on this machine.
    sandbox: Result<Sandbox, String>,
    /// `None` where there is no folder for it: everything is compiled at every start.
    cache: Option<Arc<Cache>>,
    compiler: Compiler,
    is_command: bool,
}

struct Cache {
    entries: CompiledCache,
    folder: PathBuf,
    /// That nothing can be written there is said once, and not for each plug-in.
    said: Once,
}

impl Loader {
    /// A loader. On a machine that gives no sandbox it loads nothing and says so: what is linked into
    /// the program needs none.
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
            CacheFolder::Within(named) => Some(named.join(CACHE_NAMED)),
            CacheFolder::Beside(plugins) => plugins.is_dir().then(|| plugins.join(CACHE)),
        };
        let folder = folder.filter(|_| sandbox.is_ok());
        let cache = folder.and_then(|folder| Cache::open(folder, options.key)).map(Arc::new);
        Self { sandbox, cache, compiler: options.compiler, is_command: options.is_command }
    }

    /// The plug-in in this file, within limits.
    pub(crate) async fn load(
        &self,
        file: &PluginFile,
        limits: LimitsEntry,
    ) -> Result<Plugin, LoadError> {
        let sandbox = self.sandbox.as_ref().map_err(|why| LoadError::Sandbox(why.clone()))?;
        // Tens of megabytes are read and authenticated: not at the cost of who else is served.
        let known = block_in_place(|| self.cache.as_ref()?.entries.get(sandbox, file.digest()));
        let compiled = match known {
            Some(compiled) => compiled,
            None => self.compile(sandbox, file).await?,
        };
        Plugin::load(sandbox, &compiled, limits.into()).await
    }

    /// Compiles, in a process of its own, and keeps what came of it.
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

/// A component of more bytes takes long to compile. One in Python has 18 MiB and takes up to a minute,
/// one in JavaScript or Rust has 1 MiB at most and takes seconds.
const LARGE: usize = 4 << 20;

/// The line that says so before it is compiled, whether standard error is a terminal or not: who reads
/// it later wonders about the time too.
pub fn announcement(bytes: usize, is_kept: bool) -> Option<String> {
    let once = if is_kept { " What comes of it is kept: this is done once." } else { "" };
    let mebibytes = bytes >> 20;
    (bytes > LARGE).then(|| {
        format!("Compiling a component of {mebibytes} MiB, which may take a minute.{once}")
    })
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn load_without_a_sandbox_says_why_and_makes_no_cache() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.wasm");
        fs::write(&file, b"\0asm").unwrap();
        let options = LoaderOptions {
            memory: 1 << 30,
            cache: CacheFolder::Beside(folder.path()),
            key: [0; 32],
            compiler: Compiler { arguments: &[] },
            is_command: false,
        };
        let none = Err(LoadError::Sandbox("there is no address space".into()));
        let loader = Loader::in_sandbox(none, options);
        let refused = loader.load(&PluginFile::read(&file).unwrap(), LimitsEntry::default()).await;
        let refused = refused.err().unwrap().to_string();
        assert_eq!(refused, "no sandbox can be made on this machine: there is no address space");
        assert!(!folder.path().join(CACHE).exists());
    }
}
