//! The domain's values as the interface has them, and back.

mod descriptor;
mod identity;
mod problem;
mod sign_in;
mod step;

pub(super) use self::{
    descriptor::descriptor,
    identity::{identity, whose},
    problem::{no_identifier, problem},
    sign_in::sign_in,
    step::{response, step},
};
