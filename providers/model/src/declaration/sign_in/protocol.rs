//! Differences between authorization servers.

/// The encoding of requests to the token endpoint and of its responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEncoding {
    /// `application/x-www-form-urlencoded` (RFC 6749 section 4.1.3).
    #[default]
    Form,
    /// JSON with names in camel case, as AWS SSO OIDC uses it (`CreateToken`).
    JsonCamelCase,
    /// JSON with the names of RFC 6749, as Atlassian and Notion use it.
    JsonSnakeCase,
}

/// The separator of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeSeparator {
    /// A space (RFC 6749 section 3.3).
    #[default]
    Space,
    /// A comma, as Linear and Strava use it.
    Comma,
}

/// How a client authenticates (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// A public client: `client_id` only, with PKCE.
    None,
}

impl ClientAuthentication {
    /// The method to use at a token endpoint that announces these
    /// (`token_endpoint_auth_methods_supported`, RFC 8414 section 2). `None` if Portico supports none of
    /// them.
    ///
    /// The declared method is preferred. If the endpoint supports only the other place of the secret,
    /// header or form, that is used: the operator has agreed that this endpoint gets it. A client that
    /// is declared public stays public.
    pub fn among(self, announced: &[String]) -> Option<Self> {
        let is_announced = |method: &Self| announced.iter().any(|name| name == method.name());
        let others = [Self::Basic, Self::Post, Self::None];
        match self {
            Self::None => Some(Self::None),
            declared => [declared].into_iter().chain(others).find(is_announced),
        }
    }

    /// The name in metadata (RFC 7591 section 2).
    fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::None => "none",
        }
    }
}
