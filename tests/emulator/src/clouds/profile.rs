//! Protocol parameters in which the clouds differ: token formats, required parameters.

use super::{aws, digitalocean, github, gitlab, google, heroku, oidc};
use crate::bytes::{hex, random};
use crate::cloud::Cloud;

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

impl Cloud {
    pub(super) fn profile(self) -> &'static ProviderProfile {
        match self {
            Self::Google => &google::PROFILE,
            Self::Aws => &aws::PROFILE,
            Self::GitHub => &github::PROFILE,
            Self::DigitalOcean => &digitalocean::PROFILE,
            Self::Oidc => &oidc::PROFILE,
            Self::GitLab => &gitlab::PROFILE,
            Self::Heroku => &heroku::PROFILE,
        }
    }
}
