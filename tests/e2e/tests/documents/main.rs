//! What the documents say is so.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod architecture;
mod assurance;
mod checks;
mod files;
mod imports;
mod install;
