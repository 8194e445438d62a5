//! Why a list is incomplete.

use crate::listing::FetchError;

/// Why a list is incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Incomplete {
    /// The cloud refused a page with this status.
    Status(u16),
    /// The reply is not a page.
    Unreadable,
    /// The next page is not below the first one, was requested before, or cannot be read.
    NextPage,
    /// There are more than this many pages.
    TooManyPages(usize),
    /// There are more than [`MAX_SUBSCRIPTIONS`](crate::listing::MAX_SUBSCRIPTIONS) entries.
    TooManyEntries,
    /// There is no reply.
    Fetch(FetchError),
    /// The host gave no response to the request.
    NoResponse,
    /// The list ended with fewer entries than the cloud says there are.
    FewerThanTotal { entries: u64, total: u64 },
    /// The cloud refused a page with this reason.
    Refused(String),
}
