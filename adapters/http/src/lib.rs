//! Portico over HTTP: parses requests into domain values, calls one use case each, and renders the
//! results.
//!
//! * [`serve`] serves the routes on a listener, and drains connections on shutdown.
//! * `features/` has a module for each feature; [`routes`] lists all routes.
//! * `routing/` is the table of routes over warp's filters.
//! * `error/` is the table of error codes, and logs and renders failures.
//! * `request/` reads requests, `response/` builds responses, `session/` finds the session.
//! * `limits/` and `connections/` are the rate and concurrency limits.
//!
//! Each folder imports only those before it: `connections`, `limits`, `providers`, `request`, `response`,
//! `error`, `session`, `routing`, `features`, `server`.

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
