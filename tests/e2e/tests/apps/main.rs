//! Protected apps of a running Portico.
//!
//! * `reload.rs`: apps that change while Portico runs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod reload;
