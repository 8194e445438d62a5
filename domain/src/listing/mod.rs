//! The listing engine: every rule of a listing, and no input or output.
//!
//! An [`Engine`] says what comes next ([`Poll`]) and is told what came of it. It holds each request
//! against the provider's permissions and the budget, keeps tokens where they belong, withholds
//! replies that echo one, and checks what the provider hands over. Whoever drives it performs the
//! requests: the server over HTTP ([`crate::use_cases::ListResources`]), the provider kit with the
//! replies of fixtures and tapes. So all of them refuse the same, in the same words.

mod budget;
pub(crate) mod checked;
mod engine;
mod event;
mod requests;
mod step;
mod tokens;
mod wording;

pub use self::{
    budget::ListingBudget,
    engine::{Engine, Poll},
    event::{Event, Incident},
    step::PlannedFetch,
    tokens::TokenName,
};
