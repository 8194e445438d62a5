//! The listing engine: every rule of a listing, and no input or output.
//!
//! An [`Engine`] returns the next action ([`Poll`]) and receives its result. It checks each request
//! against the provider's permissions and the budget, chooses the token, withholds responses that echo
//! one, and checks the results of the provider. Its driver performs the requests: the server over HTTP
//! ([`crate::use_cases::ListResources`]), the provider kit with the responses of fixtures and tapes.
//! So all of them refuse the same, with the same errors.

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
    event::Event,
    step::{PlannedFetch, Task},
    tokens::{TokenName, WantedToken},
};
pub use crate::ports::Incident;
