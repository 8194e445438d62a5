//! Finds the session of a request, and caches long responses about it.

mod long_responses;
mod reader;

pub(crate) use self::{
    long_responses::{LongResponses, View},
    reader::{SessionReader, UnreadableSessions},
};
