//! Conversions between the values of the model and those of the interface.

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
    problem::{invalid_identifier, problem},
    step::{response, step},
};
