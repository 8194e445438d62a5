//! Errors: the table of codes, failures with their details for the log, and the one place that logs and
//! renders a failure.

mod code;
mod failure;
mod log;
mod origin;
mod render;

pub(crate) use self::{
    code::ErrorCode,
    failure::{ErrorRedirect, FailedCompletion, FailedLogin, Failure},
    origin::wrong_origin,
    render::Responder,
};
