//! Portico put together: configuration, wiring, and how it runs and stops.
//!
//! This is the only place that names concrete adapters (`wiring.rs`). The program `portico` is a
//! thin shell around it, and so is `portico-demo`.

mod checks;
mod cli;
mod config;
mod logging;
mod plugins;
mod reload;
mod signals;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod wiring;

pub use self::{
    cli::{Arguments, COMPILE, compile, run},
    config::{AzureConfig, Config, Faults, StoreChoice, SubscriptionsAs},
    logging::{Log, start_logging},
    plugins::{Candidate, LimitsEntry, Loader},
    signals::{OtherSignals, stop_signal},
    wiring::{Portico, loader},
};
