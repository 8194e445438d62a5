//! The plug-in manager, with what it needs of this program.

use std::sync::Arc;

use portico_plugins::{
    BuiltIn, CacheFolder, Compiler, HealthObserver, HealthReport, Loader, LoaderOptions,
    PluginManager, PluginManagerOptions, Registrar,
};
use portico_seal::KeyRing;
use portico_system::{SystemClock, SystemEntropy, memory_of_machine};

use super::{connector::CloudConnector, store};
use crate::config::{Config, Purpose};

/// The arguments that make a program of Portico's compile a plug-in: see [`compile`].
pub const COMPILE: [&str; 2] = ["provider", "compile"];

/// What compiles plug-ins: this program, in a process of its own.
pub(crate) const COMPILER: Compiler = Compiler { arguments: &COMPILE };

/// Compiles the component on standard input to standard output. Whatever program serves Portico
/// does this when it is called with [`COMPILE`].
pub fn compile() -> anyhow::Result<()> {
    Ok(portico_wasm::compile_stdin_to_stdout()?)
}

/// The manager of the configured folder, for a command that looks after plug-ins. The keys are those
/// of the store, so that what one process compiles the other believes.
pub(crate) fn manager(
    config: &Config,
    built_in: Box<dyn BuiltIn>,
) -> anyhow::Result<PluginManager> {
    let keys = store::keys(config, &SystemEntropy)?;
    Ok(manager_with(config, &keys, built_in, ()))
}

/// The same, with these keys, and with somebody who is told how the providers are.
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

/// Registers plug-ins as Portico itself does.
pub(crate) fn registrar(config: &Config) -> Registrar {
    Registrar::new(Arc::new(CloudConnector::new(config)))
}

/// Loads plug-ins as Portico itself does.
pub fn loader(config: &Config) -> anyhow::Result<Loader> {
    Ok(loader_with(config, &*store::keys(config, &SystemEntropy)?))
}

fn loader_with(config: &Config, keys: &KeyRing) -> Loader {
    let plugins = &config.plugins;
    Loader::new(LoaderOptions {
        memory: plugins.memory.unwrap_or_else(|| share_of(memory_of_machine())),
        cache: match &plugins.cache {
            Some(named) => CacheFolder::Within(named),
            None => CacheFolder::Beside(&plugins.folder),
        },
        key: *keys.derive("compiled plug-ins"),
        compiler: COMPILER,
        is_command: config.purpose == Purpose::Plugins,
    })
}

/// What of a machine's memory plug-ins may have where nobody says more or less: a quarter, up to a
/// gigabyte, which is thirty logins at once of a plug-in in Python and hundreds of one in Rust.
fn share_of(machine: Option<u64>) -> u64 {
    const MAX_BYTES: u64 = 1 << 30;
    machine.map_or(MAX_BYTES, |bytes| (bytes / 4).min(MAX_BYTES))
}
