//! The log of listings that no login waited for.

use super::{CallError, DatedListing, IdentityProviderError, ListingKey, StoreError};

/// The end of a listing.
#[derive(Debug)]
pub enum ListingOutcome<'a> {
    /// The session has it; failed requests are in its incidents.
    Listed(&'a DatedListing),
    /// The session or the account ended meanwhile, or has a newer listing: it is dropped.
    Superseded,
    /// The account has no token to list with, until its person signs in.
    NeedsSignIn,
    /// The account has no token to list with for now.
    NoToken(Option<&'a IdentityProviderError>),
    /// The provider failed.
    Failed(&'a CallError),
    /// The store failed.
    NotStored(&'a StoreError),
}

/// Called once with the end of a listing.
pub type EndListing = Box<dyn for<'a> FnOnce(ListingOutcome<'a>) + Send>;

/// Logs listings that run apart from requests, so that no caller could log them.
pub trait ListingLog: Send + Sync {
    /// A listing begins. An adapter MUST log one line when the returned function is called, with the time
    /// since then, and one for each incident.
    fn begin(&self, listing: &ListingKey) -> EndListing;
}
