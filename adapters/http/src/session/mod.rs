//! Who is signed in: finds the session of a request, and holds long answers about it.

mod answers;
mod reader;

pub(crate) use self::{
    answers::{Answers, View},
    reader::{SessionReader, UnreadableSessions},
};
