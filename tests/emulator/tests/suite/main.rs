//! Tests of the emulator over HTTP, as its clients use it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod admin;
mod authorize;
mod clouds;
mod command_line;
mod discovery;
mod front_channel;
mod id_token_faults;
mod listeners;
mod many_tenants;
mod refusals;
mod resource_manager;
mod support;
mod tenant_faults;
mod token;
mod transport_faults;
