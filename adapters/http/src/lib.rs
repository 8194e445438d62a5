//! Portico over HTTP: parses requests into domain values, calls one use case each, and turns the
//! results into answers.
//!
//! * [`serve`] makes the routes of [`Dependencies`], runs them on a listener until told to stop, then
//!   drains.
//! * `features/` has a folder for each feature; [`routes`] lists the routes of all of them.
//! * `routing/` is the table of routes over warp's filters; `error/` the table of error codes, and the
//!   one place that logs failures and renders them.
//! * `request/` reads requests, `response/` makes answers, `session/` finds who is signed in.
//! * `limits/` and `connections/` are the rate and concurrency limits.
//!
//! The folders import one another in this order, never back: `connections`, `limits`, `request`,
//! `response`, `error`, `session`, `routing`, `features`, `server`.

mod connections;
mod error;
mod features;
mod limits;
mod providers;
mod request;
mod response;
mod routing;
mod server;
mod session;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    features::{Dependencies, routes},
    limits::{Limits, PerMinute, TrustedProxies},
    providers::{ProviderFaults, ProviderNotes},
    response::Rendering,
    routing::RouteInfo,
    server::{Stopped, serve},
};
