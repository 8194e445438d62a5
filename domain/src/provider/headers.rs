//! The headers that pass between a provider and its cloud without a declaration: the host, the kit of
//! writers and the tests of the SDK hold providers to the same ones. Names are in lower case.

/// What every request may carry. By `range` Heroku's lists are paged.
pub const REQUEST_HEADERS: [&str; 4] = ["accept", "accept-language", "content-type", "range"];

/// How the clouds' own headers begin, which every request may carry too.
pub const REQUEST_HEADER_PREFIXES: [&str; 4] = ["x-ms-", "x-amz-", "x-goog-", "x-github-"];

/// What a provider gets to read of every reply: what it is, what comes next, when to come again, why
/// not, and the number that the cloud's support asks for.
pub const REPLY_HEADERS: [&str; 10] = [
    "content-type",
    "etag",
    "link",
    "next-range",  // Heroku's paging
    "x-next-page", // GitLab's
    "retry-after",
    "www-authenticate",
    "x-ms-request-id",
    "x-ms-correlation-request-id",
    "x-request-id",
];

/// The longest header of a reply that a provider gets to read, in bytes.
pub const LONGEST_REPLY_HEADER: usize = 4_096;
