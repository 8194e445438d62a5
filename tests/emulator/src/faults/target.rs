//! The endpoints at which faults can be injected.

use serde::{Deserialize, Serialize};

use crate::cloud::Cloud;

/// The endpoint of a fault. In JSON a name, `"token"`, or for a cloud other than Azure `{"cloud_token": "google"}`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// `/{tenant}/v2.0/.well-known/openid-configuration`
    Discovery,
    /// `/{tenant}/discovery/v2.0/keys`
    Keys,
    /// `/{tenant}/oauth2/v2.0/token`
    Token,
    /// `/{tenant}/oauth2/v2.0/authorize`
    Authorize,
    /// `/subscriptions` and `/subscriptions/{id}`
    Subscriptions,
    /// `/tenants`
    Tenants,
    /// The discovery document of a cloud's OpenID provider.
    CloudDiscovery(Cloud),
    /// The key set of a cloud's OpenID provider.
    CloudKeys(Cloud),
    /// A cloud's token endpoint.
    CloudToken(Cloud),
    /// A cloud's authorization endpoint.
    CloudAuthorize(Cloud),
    /// The account endpoint of a cloud that issues no ID tokens.
    CloudAccount(Cloud),
    /// A cloud's listing endpoint.
    CloudListing(Cloud),
}

impl Target {
    /// The target at a path, if there is one.
    pub(crate) fn of(path: &str) -> Option<Self> {
        if let Some((cloud, rest)) = Cloud::of_path(path) {
            return Self::of_cloud(cloud, rest);
        }
        if path == "/subscriptions" || path.starts_with("/subscriptions/") {
            return Some(Self::Subscriptions);
        }
        if path == "/tenants" {
            return Some(Self::Tenants);
        }
        let endpoints = [
            ("/.well-known/openid-configuration", Self::Discovery),
            ("/discovery/v2.0/keys", Self::Keys),
            ("/oauth2/v2.0/token", Self::Token),
            ("/oauth2/v2.0/authorize", Self::Authorize),
        ];
        endpoints.into_iter().find(|(end, _)| path.ends_with(end)).map(|(_, target)| target)
    }

    /// The target at a path below a cloud's root.
    fn of_cloud(cloud: Cloud, path: &str) -> Option<Self> {
        let own = cloud.endpoints();
        let endpoints = [
            (own.discovery, Self::CloudDiscovery(cloud)),
            (own.keys, Self::CloudKeys(cloud)),
            (Some(own.authorize), Self::CloudAuthorize(cloud)),
            (Some(own.token), Self::CloudToken(cloud)),
            (own.account, Self::CloudAccount(cloud)),
            (Some(own.listing), Self::CloudListing(cloud)),
        ];
        endpoints.into_iter().find(|(path_of, _)| *path_of == Some(path)).map(|(_, target)| target)
    }

    /// Whether the cloud has this endpoint.
    pub(super) fn exists(self) -> bool {
        match self {
            Self::CloudDiscovery(cloud) | Self::CloudKeys(cloud) => cloud.is_openid(),
            Self::CloudAccount(cloud) => cloud.endpoints().account.is_some(),
            _ => true,
        }
    }

    /// Whether it belongs to Azure, whose requests have a tenant.
    pub(super) fn is_azure(self) -> bool {
        use Target::*;
        matches!(self, Discovery | Keys | Token | Authorize | Subscriptions | Tenants)
    }

    pub(super) fn is_token(self) -> bool {
        matches!(self, Self::Token | Self::CloudToken(_))
    }

    pub(super) fn is_discovery(self) -> bool {
        matches!(self, Self::Discovery | Self::CloudDiscovery(_))
    }

    pub(super) fn is_keys(self) -> bool {
        matches!(self, Self::Keys | Self::CloudKeys(_))
    }

    pub(super) fn is_listing(self) -> bool {
        matches!(self, Self::Subscriptions | Self::Tenants | Self::CloudListing(_))
    }

    pub(super) fn issues_id_tokens(self) -> bool {
        match self {
            Self::CloudToken(cloud) => cloud.is_openid(),
            other => other == Self::Token,
        }
    }

    pub(super) fn is_oauth(self) -> bool {
        self.is_token() || matches!(self, Self::Authorize | Self::CloudAuthorize(_))
    }

    /// Whether the authorization endpoint of this metadata sends RFC 9207's `iss` without a fault.
    pub(crate) fn sends_issuer(self) -> bool {
        self == Self::CloudDiscovery(Cloud::Oidc)
    }
}
