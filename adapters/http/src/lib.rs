//! Portico over HTTP: parses requests into domain values, calls one use case each, and turns what
//! comes back into answers.
//!
//! * [`App`] holds the use cases; [`routes`] makes warp filters of them; [`serve`] runs them on a
//!   listener until told to stop, then drains.
//! * `handlers/` has a file for each group of routes; every error becomes a status in `failure.rs`
//!   and nowhere else.
//! * How much of Portico anybody may have is said in `limits/` and `room.rs`.
//! * Cookies are read and written in `cookies.rs`; who may change state is decided in `origin.rs`.

mod answers;
mod app;
mod asked;
mod connections;
mod cookies;
mod failure;
mod handlers;
mod harden;
mod icons;
mod json;
mod limits;
mod navigation;
mod origin;
mod pages;
mod query;
mod routes;
mod server;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    answers::Answers,
    app::{App, ProviderFaults, ProviderNotes, UnreadableSessions},
    icons::Icons,
    limits::{Limits, LoginLimiter, PerMinute, TrustedProxies},
    routes::routes,
    server::{Stopped, serve},
};
