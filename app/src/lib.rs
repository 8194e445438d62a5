//! Portico put together: configuration, composition, and the command line.
//!
//! `config` reads what an operator says, `compose` makes a Portico of it and is the only place that
//! names concrete adapters, `cli` says what can be asked of the program. Imports go that way alone:
//! `cli` → `compose` → `config`, each of which may use `logging` and `signals`
//! (`tests/e2e/tests/documents/imports.rs` holds it). The program `portico` is a thin shell around it,
//! and so is `portico-demo`.

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
