//! Sign-in with Azure. `linked.rs` runs the suite with the built-in provider and `plugin.rs` with the
//! component, each with a `world` of its own.

mod callback;
mod faults;
mod listing;
mod login;
mod logout;
mod pages;
mod readers;
mod sessions;
mod tenants;
