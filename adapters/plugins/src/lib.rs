//! The plug-in manager: loads the plug-ins of a folder that an operator has granted.
//!
//! It depends on the domain and the sandbox. The program passes in the source of settings
//! ([`SettingsSource`]), the clients of a cloud ([`Connector`]), the built-in providers ([`BuiltIn`])
//! and the observer of faults ([`HealthObserver`]), so that this crate depends on neither configuration
//! files nor HTTP.
//!
//! * `lock`: `providers.lock`, what the operator granted to which file;
//! * `folder.rs`: the files of the folder; `stamp.rs`: change detection;
//! * `loader.rs`: loads a plug-in from a file's bytes, with the cache of compiled code;
//! * `consented.rs`: a provider with the descriptor that the operator agreed to;
//! * `settings.rs`: the settings of a plug-in and their environment variables;
//! * `variables.rs`: conflicts between variables of two plug-ins;
//! * `registration.rs`: a plug-in with Portico's registration at its cloud;
//! * `candidate.rs`: a plug-in that an operator may grant;
//! * `reconcile.rs`: brings one plug-in in line with its file, grant and settings;
//! * `status.rs`, `health.rs`: the state of each plug-in, and of all providers together;
//! * `manager`: follows the folder while Portico runs.

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
        refused_by_provider,
    },
    settings::{
        ALLOWED_TENANTS, CLIENT_ID, CLIENT_KEY_FILE, CLIENT_SECRET, OF_EVERY_PLUGIN, PRIVATE_HOSTS,
        ProviderConfig, SettingsFaults, SettingsSource, key_in_file, variable, variables,
    },
    status::{State, Status},
    variables::conflict as shared_variable,
};
