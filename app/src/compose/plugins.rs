//! Builds the plug-in manager, the loader and the compiler.

use std::sync::Arc;

use portico_plugins::{
    BuiltIn, CacheFolder, Compiler, HealthObserver, HealthReport, Loader, LoaderOptions,
    PluginManager, PluginManagerOptions, Registrar,
};
use portico_seal::KeyRing;
use portico_system::{SystemClock, SystemEntropy, memory_of_machine};

use super::{connector::CloudConnector, store};
use crate::config::{Config, Purpose};

/// The arguments with which the program compiles a plug-in, see [`compile`].
pub const COMPILE: [&str; 2] = ["provider", "compile"];

/// The compiler of plug-ins: this program, in a child process.
pub(crate) const COMPILER: Compiler = Compiler { arguments: &COMPILE };

/// Compiles the component on standard input to standard output. Each program that serves Portico must
/// do this when it is called with the arguments [`COMPILE`].
pub fn compile() -> anyhow::Result<()> {
    Ok(portico_wasm::compile_stdin_to_stdout()?)
}

/// The plug-in manager of the configured folder, for commands. It uses the keys of the store, so that
/// commands and the server accept each other's compiled plug-ins.
pub(crate) fn manager(
    config: &Config,
    built_in: Box<dyn BuiltIn>,
) -> anyhow::Result<PluginManager> {
    let keys = store::keys(config, &SystemEntropy)?;
    Ok(manager_with(config, &keys, built_in, ()))
}

/// The plug-in manager with these keys and an observer of the providers' health.
pub(super) fn manager_with(
    config: &Config,
    keys: &KeyRing,
    built_in: Box<dyn BuiltIn>,
    observer: impl HealthObserver + 'static,
) -> PluginManager {
    PluginManager::new(PluginManagerOptions {
        folder: config.plugins.folder.clone(),
        sources: Box::new(config.provider_sources.clone()),
        loader: loader_with(config, keys),
        registrar: registrar(config),
        built_in,
        health: HealthReport::new(observer),
        clock: Arc::new(SystemClock),
    })
}

/// The registrar of plug-ins.
pub(crate) fn registrar(config: &Config) -> Registrar {
    Registrar::new(Arc::new(CloudConnector::new(config)))
}

/// The loader of plug-ins.
pub fn loader(config: &Config) -> anyhow::Result<Loader> {
    Ok(loader_with(config, &*store::keys(config, &SystemEntropy)?))
}

fn loader_with(config: &Config, keys: &KeyRing) -> Loader {
    let plugins = &config.plugins;
    Loader::new(LoaderOptions {
        memory: plugins.memory.unwrap_or_else(|| default_memory(memory_of_machine())),
        cache: match &plugins.cache {
            Some(named) => CacheFolder::Within(named),
            None => CacheFolder::Beside(&plugins.folder),
        },
        key: *keys.derive("compiled plug-ins"),
        compiler: COMPILER,
        is_command: config.purpose == Purpose::Plugins,
    })
}

/// The default memory budget of plug-ins: a quarter of the machine's memory, at most 1 GiB. That is
/// enough for thirty concurrent logins of a plug-in in Python and for hundreds of one in Rust.
fn default_memory(machine: Option<u64>) -> u64 {
    const MAX_BYTES: u64 = 1 << 30;
    machine.map_or(MAX_BYTES, |bytes| (bytes / 4).min(MAX_BYTES))
}
