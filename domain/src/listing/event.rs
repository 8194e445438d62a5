//! What happens during a listing, for logs, metrics and pages.

use crate::account::TenantState;

/// Something that happened during a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The cloud sent a page, or another reply, that the provider gets to read.
    Page {
        /// What was asked for, without its query.
        what: String,
        /// The HTTP status.
        status: u16,
        /// Bytes of the body.
        bytes: usize,
    },
    /// A request got no reply, the reply was withheld, or the provider could not go on.
    Failed(Incident),
    /// A tenant was listed.
    Tenant {
        /// The cloud's own id.
        id: String,
        /// Whether what is in it could be listed.
        state: TenantState,
    },
    /// Something is missing from the list: what, and what to do about it, for a person.
    Warning(String),
}

/// A request that got no reply, or a provider that could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// What was asked for, without its query; empty where it was no request.
    pub what: String,
    /// Why it failed; holds no token.
    pub why: String,
}
