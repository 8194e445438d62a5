//! Every error that an answer can carry: the table of codes, the failure that names one with what
//! the log says of it, and the one place that logs a failure and renders it.

mod code;
mod failure;
mod log;
mod origin;
mod render;

pub(crate) use self::{
    code::ErrorCode,
    failure::{Ended, FailedLogin, Failure, SentBack},
    origin::wrong_origin,
    render::Responder,
};
