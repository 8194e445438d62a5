//! The domain's values as the interface has them, and back.

mod descriptor;
mod listing;
mod permission;
mod person;
mod problem;
mod sign_in;
mod step;

pub(super) use self::{
    descriptor::descriptor,
    person::person,
    problem::{no_identifier, problem},
    step::{response, step},
};
