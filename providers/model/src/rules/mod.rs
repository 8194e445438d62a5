//! Rules for host and providers, on plain text and URLs.

pub mod address;
pub mod headers;
pub mod json;
pub mod text;
