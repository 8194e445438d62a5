//! Authorization requests that clients have pushed (RFC 9126).

use std::collections::HashMap;

use crate::bytes::{base64url, random};
use crate::params::Params;

/// Lifetime of a pushed request in seconds.
pub(crate) const LIFETIME: i64 = 60;

/// Pushed requests that no code was issued for yet, and whether a client has to push.
#[derive(Debug, Default)]
pub(crate) struct PushedRequests {
    is_required: bool,
    /// By `request_uri`, with the expiry.
    kept: HashMap<String, (i64, Params)>,
}

impl PushedRequests {
    pub(crate) fn require(&mut self, required: bool) {
        self.is_required = required;
    }

    pub(crate) fn is_required(&self) -> bool {
        self.is_required
    }

    /// Keeps a request; returns its `request_uri`.
    pub(crate) fn keep(&mut self, request: Params, now: i64) -> String {
        self.kept.retain(|_, (expiry, _)| *expiry > now);
        let uri = format!("urn:ietf:params:oauth:request_uri:{}", base64url(random::<32>()));
        self.kept.insert(uri.clone(), (now + LIFETIME, request));
        uri
    }

    /// Takes the request that the browser brings a reference to: once, for the client that pushed it. A request that
    /// brings its parameters itself is returned unless requests have to be pushed.
    pub(crate) fn resolve(&mut self, brought: &Params, now: i64) -> Result<Params, &'static str> {
        let Some(uri) = brought.get("request_uri") else {
            let why = "invalid_request: the request has to be pushed.";
            return if self.is_required { Err(why) } else { Ok(brought.clone()) };
        };
        let kept = self.kept.remove(uri).filter(|(expiry, _)| *expiry > now);
        let is_own = |(_, it): &(i64, Params)| it.get("client_id") == brought.get("client_id");
        let (_, request) =
            kept.filter(is_own).ok_or("invalid_request: the request_uri is unknown.")?;
        Ok(request)
    }
}
