//! Browsers as they are, from reports of users of comparable systems: other applications' cookies on
//! the same host, requests that nobody clicked for, many tabs, the back button, navigations from
//! anywhere; and what a person, an app and an operator are told where a sign-in comes to nothing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod again;
mod answers;
mod cookies;
mod errors;
mod log;
mod logout;
mod navigations;
