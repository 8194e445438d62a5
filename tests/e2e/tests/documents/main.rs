//! Checks the documents against the code.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod architecture;
mod assurance;
mod checks;
mod features;
mod files;
mod imports;
mod install;
mod scripts;
