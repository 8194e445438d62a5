//! In what the clouds differ where they do the same: paths, tokens, and what they insist on.

use super::Cloud;
use crate::bytes::{hex, random};
use crate::faults::Target;

/// Where a cloud's endpoints are, under its root.
pub(crate) struct Endpoints {
    pub(crate) discovery: Option<&'static str>,
    pub(crate) keys: Option<&'static str>,
    pub(crate) authorize: &'static str,
    pub(crate) token: &'static str,
    /// Who the account is, of a cloud without ID tokens.
    pub(crate) account: Option<&'static str>,
    pub(crate) listing: &'static str,
}

impl Endpoints {
    /// Which endpoint a path under the root is, as far as faults go.
    pub(crate) fn target(&self, cloud: Cloud, path: &str) -> Option<Target> {
        let endpoints = [
            (self.discovery, Target::CloudDiscovery(cloud)),
            (self.keys, Target::CloudKeys(cloud)),
            (Some(self.authorize), Target::CloudAuthorize(cloud)),
            (Some(self.token), Target::CloudToken(cloud)),
            (self.account, Target::CloudAccount(cloud)),
            (Some(self.listing), Target::CloudListing(cloud)),
        ];
        endpoints.into_iter().find(|(own, _)| *own == Some(path)).map(|(_, target)| target)
    }
}

/// What a cloud insists on, and what its tokens are like.
pub(super) struct ProviderProfile {
    /// The scope of a request that names none; without one here, a request has to.
    pub(super) scope: Option<&'static str>,
    /// Whether an authorization request must have a PKCE challenge.
    pub(super) needs_pkce: bool,
    /// What a token request may leave out.
    pub(super) optional: &'static [Field],
    pub(super) access: Token,
    /// Refresh tokens, of a cloud that has any.
    pub(super) refresh: Option<RefreshPolicy>,
}

/// A parameter of the token request.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Field {
    ClientId,
    RedirectUri,
}

/// How a token is spelled, and how long it lives.
pub(super) struct Token {
    pub(super) prefix: &'static str,
    /// Hexadecimal digits after the prefix, at most 64.
    pub(super) digits: usize,
    /// Seconds; `None` for good.
    pub(super) lifetime: Option<i64>,
}

impl Token {
    /// Another text with every call.
    pub(super) fn generate(&self) -> String {
        let digits = hex(&random::<32>());
        format!("{}{}", self.prefix, &digits[..self.digits])
    }

    /// When one that is issued now expires.
    pub(super) fn expires_at(&self, now: i64) -> i64 {
        self.lifetime.map_or(i64::MAX, |lifetime| now.saturating_add(lifetime))
    }
}

/// Who gets a refresh token, and what using one does.
pub(super) struct RefreshPolicy {
    pub(super) issuance: Issuance,
    pub(super) rotation: Rotation,
    pub(super) token: Token,
}

/// Who gets a refresh token.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Issuance {
    Always,
    /// Who asks with `access_type=offline`.
    WithOfflineAccessType,
    /// Who asks with the scope `offline_access`.
    WithOfflineAccessScope,
}

/// What the answer to a refresh holds.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Rotation {
    /// No refresh token: the one that was used stays.
    Omitted,
    /// The one that was used.
    Same,
    /// Another one; the one that was used stays good.
    Additional,
    /// Another one; the one that was used is void.
    Replaced,
}

/// Ninety days in seconds: how long refresh tokens live here.
pub(super) const REFRESH_TOKEN_LIFETIME: i64 = 90 * 24 * 60 * 60;
