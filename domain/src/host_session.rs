//! The session of a person at one protected host, and how it gets there.
//!
//! A cookie of Portico's host is not sent to a protected host, and one for the whole domain could be
//! taken by each of its hosts. So a protected host has a cookie of its own, which no other host and not
//! Portico itself takes. The browser gets it by a hand-off: Portico sends it to the host with a code that
//! is valid for [`HAND_OFF_LIFETIME`], once, at that host and in that browser.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use url::Url;

use crate::{
    digest,
    login::{AttemptKey, Epoch},
    secret::{BrowserId, State},
    session::SessionKey,
    time::Timestamp,
};

/// How long a hand-off may take: two redirects of one browser.
pub const HAND_OFF_LIFETIME: Duration = Duration::from_secs(30);

/// A session on its way to a protected host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOff {
    /// Names it, so that it is spent once.
    pub id: State,
    /// The session at Portico.
    pub session: SessionKey,
    /// Which browser may redeem it.
    pub challenge: BrowserChallenge,
    /// The page that the person asked for.
    pub return_to: Url,
    /// The epoch in which it can be spent.
    pub epoch: Epoch,
    /// The first second at which it is refused.
    pub expires_at: Timestamp,
}

impl HandOff {
    /// The key under which a store records that it is spent.
    pub fn key(&self) -> AttemptKey {
        AttemptKey::of(&self.id)
    }
}

/// The session of a person at one protected host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostSession {
    /// The session at Portico, which decides how long this one lives.
    pub session: SessionKey,
    /// The first second at which it is refused, whatever became of the session.
    pub expires_at: Timestamp,
}

/// What a browser's id at a protected host is known by to others: the SHA-256 of it, as base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserChallenge(String);

impl BrowserChallenge {
    /// The challenge of this browser.
    pub fn of(browser: &BrowserId) -> Self {
        let fields = digest::of_fields("portico hand-off", &[browser.expose()]);
        Self(BASE64_URL_SAFE_NO_PAD.encode(fields))
    }

    /// Parses 43 characters of base64url; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The challenge as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
