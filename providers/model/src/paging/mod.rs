//! Listings in pages: requests, JSON, the next page, and warnings about what is missing.

mod challenge;
mod fields;
mod get;
pub mod headers;
mod incomplete;
mod json;
mod page;
mod pages;
mod wording;

pub use self::{
    fields::Fields,
    get::Get,
    json::{Json, Unreadable},
    page::{Next, Page, Refusal},
    pages::Pages,
    wording::Wording,
};

/// The longest name of an entry, in characters; the host's limit too.
const MAX_NAME_LEN: usize = 256;
