//! Everything that somebody can try on a sign-in, over real HTTP against the running program and an
//! identity provider that lies. Every refusal is held to all of its promises in `scenario.rs`.
//!
//! What Portico does not have yet has no test here: refresh (another subject in its answer),
//! back-channel logout, disconnecting one account, and `/auth/verify` with its `X-Auth-Request-*`
//! headers. That an attempt expires after 15 minutes is tested where the clock can be set, in the
//! contract suite of `LoginAttempts`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod callback;
mod choice;
mod cookies;
mod ends;
mod id_token;
mod keys;
mod listing;
mod markup;
mod provider;
mod requests;
mod return_to;
mod scenario;
mod token_reply;
