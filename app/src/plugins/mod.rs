//! Plug-ins: clouds in a folder, each granted by the operator before it is loaded.
//!
//! * `lock.rs`: `providers.lock`, what the operator granted to which file;
//! * `folder.rs`: the files, and whether anything changed;
//! * `loader.rs`: from a file's bytes to a plug-in that runs, by the cache of compiled code;
//! * `granted.rs`: a plug-in held to what was granted, whatever it says of itself;
//! * `registration.rs`: a plug-in with Portico's registration at its cloud;
//! * `candidate.rs`: a plug-in that an operator may grant;
//! * `taking.rs`: one file of the folder, taken as it is now;
//! * `live.rs`: follows the folder while Portico runs.

mod candidate;
mod folder;
mod granted;
mod live;
mod loader;
mod lock;
mod registration;
mod taking;

pub(crate) use self::{
    candidate::Before,
    folder::{PluginFile, place},
    live::{Live, State, Status},
    loader::compile,
    lock::{GrantEntry, Granted, LOCK_FILE, Lock},
    registration::{Context, private_host},
};
pub use self::{candidate::Candidate, loader::Loader, lock::LimitsEntry};
