//! The plug-in manager: a folder of clouds, each granted by the operator before it is loaded.
//!
//! It knows the domain, the sandbox and the folder. Where settings come from ([`SettingsSource`]),
//! what talks to a cloud ([`Connector`]), what is linked into the program ([`BuiltIn`]) and who is told
//! of what keeps plug-ins from being offered ([`HealthObserver`]) are the program's to say, so that
//! it knows neither configuration files nor HTTP.
//!
//! * `lock`: `providers.lock`, what the operator granted to which file;
//! * `folder.rs`: the files of the folder, and whether anything changed (`stamp.rs`);
//! * `loader.rs`: from a file's bytes to a plug-in that runs, by the cache of compiled code;
//! * `consented.rs`: a plug-in held to what was granted, whatever it says of itself;
//! * `settings.rs`: what an operator says to a plug-in, and by which variables;
//! * `variables.rs`: which variable belongs to which plug-in;
//! * `registration.rs`: a plug-in with Portico's registration at its cloud;
//! * `candidate.rs`: a plug-in that an operator may grant;
//! * `reconcile.rs`: one file of the folder, taken as it is now;
//! * `status.rs`, `health.rs`: how each plug-in is, and how all of them are together;
//! * `manager.rs`: follows the folder while Portico runs.

mod candidate;
mod consented;
mod errors;
mod folder;
mod health;
mod loader;
mod lock;
mod manager;
mod reconcile;
mod registration;
mod settings;
mod stamp;
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod variables;

pub use self::{
    candidate::{Before, Candidate, CandidateError, Removed, known, remove},
    errors::chain,
    folder::{FolderKind, LOCK_FILE, PluginFile, place},
    health::{Health, HealthObserver, HealthReport},
    loader::{CacheFolder, Compiler, Loader, LoaderOptions, announcement},
    lock::{Consent, Granted, LimitsEntry, Lock, LockError},
    manager::{BuiltIn, PluginManager, PluginManagerOptions},
    registration::{
        BUILT_IN, Client, Connections, Connector, RefusedByProvider, RegisterError, Registrar,
        private_host, refused_by_provider,
    },
    settings::{
        ALLOWED_TENANTS, CLIENT_ID, CLIENT_SECRET, OF_EVERY_PLUGIN, PRIVATE_HOSTS, ProviderConfig,
        SettingsFaults, SettingsSource, key_in_file, variable, variables,
    },
    status::{State, Status},
    variables::of_another as shared_variable,
};
