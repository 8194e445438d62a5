//! Paths of the endpoints of each cloud.

use super::Cloud;

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

impl Cloud {
    pub(crate) fn endpoints(self) -> &'static Endpoints {
        match self {
            Self::Google => &GOOGLE,
            Self::Aws => &AWS,
            Self::GitHub => &GITHUB,
            Self::DigitalOcean => &DIGITALOCEAN,
            Self::Oidc => &OIDC,
            Self::GitLab => &GITLAB,
            Self::Heroku => &HEROKU,
        }
    }

    /// Whether it issues ID tokens.
    pub(crate) fn is_openid(self) -> bool {
        self.endpoints().discovery.is_some()
    }
}

const GOOGLE: Endpoints = Endpoints {
    discovery: Some("/.well-known/openid-configuration"),
    keys: Some("/oauth2/v3/certs"),
    authorize: "/o/oauth2/v2/auth",
    token: "/token",
    account: None,
    listing: "/v3/projects:search",
};

const AWS: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/authorize",
    token: "/token",
    account: None,
    listing: "/assignment/accounts",
};

const GITHUB: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
    account: Some("/api/user"),
    listing: "/api/user/orgs",
};

const DIGITALOCEAN: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/v1/oauth/authorize",
    token: "/v1/oauth/token",
    account: Some("/v2/account"),
    listing: "/v2/projects",
};

const OIDC: Endpoints = Endpoints {
    discovery: Some("/.well-known/openid-configuration"),
    keys: Some("/keys"),
    authorize: "/authorize",
    token: "/token",
    account: None,
    listing: "/api/environments",
};

const GITLAB: Endpoints = Endpoints {
    discovery: Some("/.well-known/openid-configuration"),
    keys: Some("/oauth/discovery/keys"),
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    account: None,
    listing: "/api/v4/groups",
};

const HEROKU: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    account: Some("/account"),
    listing: "/teams",
};
