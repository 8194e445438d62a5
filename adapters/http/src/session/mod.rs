//! Finds the session of a request, and caches responses about it.

mod reader;
mod responses;

pub(crate) use self::{
    reader::{SessionReader, UnreadableSessions},
    responses::{Responses, View},
};
