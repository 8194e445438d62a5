//! `portico provider`: checks of plug-ins, grants and tapes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checks;
mod grants;
mod tapes;
