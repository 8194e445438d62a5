//! The request log, oldest first. Secrets are not redacted: the emulator has none worth protecting.

use std::collections::VecDeque;

use serde::Serialize;

/// Maximum number of entries; the oldest is evicted first.
const MAX_ENTRIES: usize = 10_000;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct JournalEntry {
    /// Time of arrival by the machine's clock, RFC 3339.
    pub time: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The method.
    pub method: String,
    /// Path and query, not decoded.
    pub target: String,
    /// The path.
    pub path: String,
    /// The decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The decoded form parameters, in order.
    pub form: Vec<(String, String)>,
    /// The headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// Whether the request has an `Authorization` header.
    pub authorization: bool,
    /// The form's `grant_type`, or `grantType` of a JSON body.
    pub grant_type: Option<String>,
    /// The body, with invalid UTF-8 replaced.
    pub body: String,
}

impl JournalEntry {
    /// Whether it redeems a refresh token.
    pub fn is_refresh(&self) -> bool {
        self.grant_type.as_deref() == Some("refresh_token")
    }

    /// A header's first value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The first value of a name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The first value of a name in the form.
    pub fn form(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The most recent requests, at most [`MAX_ENTRIES`].
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<JournalEntry>);

impl Journal {
    pub(crate) fn push(&mut self, entry: JournalEntry) {
        if self.0.len() == MAX_ENTRIES {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(crate) fn list(&self) -> Vec<JournalEntry> {
        self.0.iter().cloned().collect()
    }
}
