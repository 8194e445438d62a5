//! The domain of Portico: what a login, a session and a cloud provider are, and nothing else.
//!
//! There is no clock, network, randomness or runtime in here. Time and entropy come through
//! [`ports`], like all other input and output; a test compares this crate's dependencies
//! with an allow-list.
//!
//! Where things are:
//! * [`identity`], [`account`], [`apps`], [`host_session`], [`challenge`], [`session`], [`sign_in`], [`signing`], [`login`], [`secret`], [`time`], [`check`],
//!   [`issuer_template`], [`verified_claims`], [`return_to`], [`parameters`], [`echo`]: values and
//!   their rules. [`login`] has every state of a login, from the redirect to the session;
//! * [`listing`]: the engine of a listing, a state machine without input or output;
//! * [`provider`]: the offered providers. `portico-provider-model` defines what a provider is; the
//!   domain re-exports it, and also [`address`], [`text`], [`json`];
//! * [`ports`]: what the use cases need from outside, one trait a file;
//! * [`use_cases`]: what Portico does, one file each.
//!
//! # To add a port
//! 1. A file in `ports/` with one trait named by its role. Each method's doc has the result,
//!    the value for absence, and what an adapter MUST do. Add its error beside it.
//! 2. A double in `testing/`: a mock where calls matter, a fake where state matters.
//! 3. Where the port keeps state, a suite in the crate `portico-contract` that every adapter and
//!    the fake run.
//! 4. An adapter in a crate of its own under `adapters/`; `app` wires it.
//!
//! # To add a provider
//! Implement [`provider::Provider`]. It is synchronous and pure; [`provider::Linked`] makes it the
//! [`ports::CloudProvider`] of the use cases.

pub use portico_provider_model::{address, json, text};

pub use self::login::{decision, epoch};

pub mod account;
pub mod apps;
pub mod challenge;
pub mod check;
pub mod host_session;
pub mod identity;
pub mod issuer_template;
pub mod listing;
pub mod login;
pub mod parameters;
pub mod ports;
pub mod provider;
pub mod return_to;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod signing;
pub mod time;
pub mod use_cases;
pub mod verified_claims;

mod digest;
pub mod echo;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
