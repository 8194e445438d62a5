//! Protocol parameters in which the clouds differ: paths, token formats, required parameters.

use super::Cloud;
use crate::bytes::{hex, random};
use crate::faults::Target;

/// Paths of a cloud's endpoints below its root.
pub(crate) struct Endpoints {
    pub(crate) discovery: Option<&'static str>,
    pub(crate) keys: Option<&'static str>,
    pub(crate) authorize: &'static str,
    pub(crate) token: &'static str,
    /// The account endpoint of a cloud without ID tokens.
    pub(crate) account: Option<&'static str>,
    pub(crate) listing: &'static str,
}

impl Endpoints {
    /// The fault target at a path below the root.
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

/// Required parameters and token formats of a cloud.
pub(super) struct ProviderProfile {
    /// The default scope; if `None`, `scope` is required.
    pub(super) scope: Option<&'static str>,
    /// Whether an authorization request requires a PKCE challenge.
    pub(super) needs_pkce: bool,
    /// Parameters that a token request may omit.
    pub(super) optional: &'static [Field],
    pub(super) access: Token,
    /// `None` if the cloud issues no refresh tokens.
    pub(super) refresh: Option<RefreshPolicy>,
}

/// A parameter of the token request.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Field {
    ClientId,
    RedirectUri,
}

/// Format and lifetime of a token.
pub(super) struct Token {
    pub(super) prefix: &'static str,
    /// Number of random hexadecimal digits after the prefix, at most 64.
    pub(super) digits: usize,
    /// Lifetime in seconds; `None` is unlimited.
    pub(super) lifetime: Option<i64>,
}

impl Token {
    /// A new random token.
    pub(super) fn generate(&self) -> String {
        let digits = hex(&random::<32>());
        format!("{}{}", self.prefix, &digits[..self.digits])
    }

    /// Expiry of a token issued at `now`, in seconds since 1970.
    pub(super) fn expires_at(&self, now: i64) -> i64 {
        self.lifetime.map_or(i64::MAX, |lifetime| now.saturating_add(lifetime))
    }
}

/// When refresh tokens are issued, and their rotation.
pub(super) struct RefreshPolicy {
    pub(super) issuance: Issuance,
    pub(super) rotation: Rotation,
    pub(super) token: Token,
}

/// When a refresh token is issued.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Issuance {
    Always,
    /// If the request has `access_type=offline`.
    WithOfflineAccessType,
    /// If the request has the scope `offline_access`.
    WithOfflineAccessScope,
}

/// The refresh token in the response to a refresh.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Rotation {
    /// None; the old one stays valid.
    Omitted,
    /// The old one.
    Same,
    /// A new one; the old one stays valid.
    Additional,
    /// A new one; the old one is revoked.
    Replaced,
}

/// Lifetime of refresh tokens in seconds: ninety days.
pub(super) const REFRESH_TOKEN_LIFETIME: i64 = 90 * 24 * 60 * 60;
