//! Attacks on a sign-in, over HTTP against the running program and a faulty identity provider.
//! `scenario.rs` has the assertions on every refusal.
//!
//! Not covered, because Portico lacks it: back-channel
//! logout, and `/auth/verify` with its `X-Auth-Request-*` headers. The
//! expiry of attempts is tested with a settable clock, in the contract suite of `LoginAttempts`.

mod callback;
mod choice;
mod concurrency;
mod cookies;
mod id_token;
mod keys;
mod listing;
mod markup;
mod own_sessions;
mod provider;
mod requests;
mod return_to;
mod scenario;
mod session_end;
mod sign_out_everywhere;
mod token_response;
