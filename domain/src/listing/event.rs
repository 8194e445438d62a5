//! The events of a listing, for logs, metrics and pages.

use crate::{account::TenantState, ports::Incident};

/// An event of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A response that was passed to the provider.
    Page {
        /// The URL without its query.
        what: String,
        /// The HTTP status.
        status: u16,
        /// Bytes of the body.
        bytes: usize,
    },
    /// A request failed, its response was withheld, or the provider returned an error.
    Failed(Incident),
    /// A tenant was listed.
    Tenant {
        /// The cloud's own id.
        id: String,
        /// Whether its entries could be listed.
        state: TenantState,
    },
    /// What is missing from the list, and what to do about it, for a person.
    Warning(String),
}
