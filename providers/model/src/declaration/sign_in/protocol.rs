//! In what token endpoints differ.

/// How a request to the token endpoint is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEncoding {
    /// `application/x-www-form-urlencoded` (RFC 6749 section 4.1.3).
    #[default]
    Form,
    /// JSON with names in camel case both ways, as AWS SSO OIDC has it (`CreateToken`).
    JsonCamelCase,
    /// JSON with the names of RFC 6749 both ways, as Atlassian and Notion have it.
    JsonSnakeCase,
}

/// What stands between scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeSeparator {
    /// A space (RFC 6749 section 3.3).
    #[default]
    Space,
    /// A comma, as Linear and Strava have it.
    Comma,
}

/// How a client authenticates (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// A public client: `client_id` alone, and PKCE.
    None,
}

impl ClientAuthentication {
    /// How to authenticate where the token endpoint takes these ways
    /// (`token_endpoint_auth_methods_supported`, RFC 8414 section 2); `None` where it takes none that
    /// Portico has.
    ///
    /// What was declared and agreed to goes first. The same secret goes to the same endpoint in the
    /// other place, header or form, where that alone is taken: whom the operator trusts with it
    /// stays the same. A client that was declared public stays public, whatever is announced.
    pub fn among(self, announced: &[String]) -> Option<Self> {
        let takes = |way: &Self| announced.iter().any(|name| name == way.name());
        let others = [Self::Basic, Self::Post, Self::None];
        match self {
            Self::None => Some(Self::None),
            declared => [declared].into_iter().chain(others).find(takes),
        }
    }

    /// As metadata names it (RFC 7591 section 2).
    fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::None => "none",
        }
    }
}
