//! Converts a plug-in's return values to domain values, and validates their form.
//!
//! The rules here are about form; the domain decides what is permitted. A violation is
//! [`CallError::Broken`], whose text names the rule.

pub(crate) mod consistency;
mod descriptor;
mod host;
mod permission;
mod provider_error;
pub(crate) mod rules;
mod setting;
pub(crate) mod sign_in;
mod step;
pub(crate) mod to_plugin;

pub(crate) use self::{
    descriptor::{check_agreed, descriptor},
    provider_error::provider_error,
    step::step,
};
#[cfg(doc)]
use portico_domain::provider::CallError;
