//! Plug-ins: clouds in a folder, each granted by the operator before it is loaded.
//!
//! * `lock.rs`: `providers.lock`, what the operator granted to which file;
//! * `folder.rs`: the files, and whether anything changed;
//! * `loader.rs`: from a file's bytes to a plug-in that runs, by the cache of compiled code;
//! * `lock/consent.rs`: what was granted, entry by entry;
//! * `consented.rs`: a plug-in held to what was granted, whatever it says of itself;
//! * `variables.rs`: which variable belongs to which plug-in;
//! * `registration.rs`: a plug-in with Portico's registration at its cloud;
//! * `built_in.rs`: what is linked into the program, as it is configured now;
//! * `candidate.rs`: a plug-in that an operator may grant;
//! * `taking.rs`: one file of the folder, taken as it is now;
//! * `live.rs`: follows the folder while Portico runs.

mod built_in;
mod candidate;
mod consented;
mod folder;
mod live;
mod loader;
mod lock;
mod reconcile;
mod registration;
mod variables;

pub(crate) use self::{
    built_in::BuiltIn,
    candidate::{Before, known, remove},
    folder::{FolderKind, PluginFile, place},
    live::{Live, State, Status},
    loader::{announcement, compile},
    lock::{Granted, LOCK_FILE, Lock},
    registration::{BUILT_IN, Context, issuer_settings, private_host, told_where},
    variables::of_another as shared_variable,
};
pub use self::{candidate::Candidate, loader::Loader, lock::LimitsEntry};
