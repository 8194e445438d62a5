//! A listing that comes in pages, as most clouds have it: requests, JSON, the next page, and what a
//! person reads where the list is not complete.

mod fields;
mod get;
pub mod headers;
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

/// The longest name that is kept, in characters: what the host keeps too.
const MAX_NAME_LEN: usize = 256;
