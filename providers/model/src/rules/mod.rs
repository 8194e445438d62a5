//! The rules that host and providers share, each over plain text.

pub mod address;
pub mod headers;
pub mod json;
pub mod text;
