//! What a guest answers as the domain's values; nothing passes that breaks a rule of the interface.
//!
//! The rules here are about form: what is allowed, the domain decides with the grants in hand. A
//! violation is [`CallError::Broken`], whose text names the rule.

mod descriptor;
mod host;
mod identity;
mod permission;
mod problem;
pub(crate) mod rules;
mod setting;
pub(crate) mod sign_in;
mod step;
pub(crate) mod to_guest;
pub(crate) mod whole;

pub(crate) use self::{
    descriptor::{agreed, descriptor},
    identity::identity,
    problem::problem,
    step::step,
};
#[cfg(doc)]
use portico_domain::provider::CallError;
