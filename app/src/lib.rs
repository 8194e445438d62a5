//! The program: configuration, composition, and the command line.
//!
//! `config` reads the configuration, `compose` builds a Portico from it and is the only place that names
//! concrete adapters, `cli` has the commands. Imports go one way: `cli` → `compose` → `config`; each may
//! use `logging` and `signals` (checked by `tests/e2e/tests/documents/imports.rs`). The programs
//! `portico` and `portico-demo` are thin wrappers.

mod cli;
mod compose;
mod config;
mod logging;
mod signals;

pub use self::{
    cli::{Arguments, run},
    compose::{COMPILE, Portico, compile, loader},
    config::{AzureConfig, Config, Faults, StoreChoice, SubscriptionsAs},
    logging::{Log, start_logging},
    signals::{OtherSignals, stop_signal},
};
