//! Behaviour of real browsers, from bug reports of comparable projects: foreign cookies on the same host,
//! prefetches, many tabs, the back button, cross-site navigations; and the errors that a person, an app
//! and the log get.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod again;
mod answers;
mod cookies;
mod errors;
mod log;
mod logout;
mod navigations;
