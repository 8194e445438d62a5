//! The endpoints of a provider, from its discovery document or declared by its plug-in.

use oauth2::{AuthUrl, TokenUrl};
use portico_domain::{
    address::may_be_called, check::Check, login::ResponseIssuer, parameters::reserved_in,
    ports::IdentityProviderError, provider::PlainEndpoints,
};
use url::Url;

use crate::{document::invalid, url_text::issuer_text};

/// Validated endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    /// The issuer of authorization responses; `{tenantid}` in it stands for any one tenant.
    pub(crate) issuer: ResponseIssuer,
    pub(crate) authorization: AuthUrl,
    pub(crate) token: TokenUrl,
    pub(crate) end_session: Option<Url>,
    /// Where authorization requests are pushed to; only if the provider requires that (RFC 9126 section 5).
    pub(crate) pushed_requests: Option<Url>,
    /// The client authentication methods that the token endpoint announces.
    pub(crate) authentication: Option<Vec<String>>,
}

impl Endpoints {
    /// The endpoints of a provider without discovery. Its authorization responses need not have
    /// `iss`; if there is one, it must be the issuer (RFC 9207 section 2.4).
    pub(crate) fn plain(named: &PlainEndpoints) -> Result<Self, IdentityProviderError> {
        let all = [&named.authorization, &named.token];
        if !all.into_iter().chain(&named.end_session).all(is_endpoint) {
            let detail = "an endpoint that the provider names is neither https nor on loopback, or \
                          holds credentials or a fragment";
            return Err(invalid(Check::PlainEndpoint, detail));
        }
        let issuer = issuer_text(&named.issuer).into();
        Self {
            issuer: ResponseIssuer { issuer, required: false },
            authorization: AuthUrl::from_url(named.authorization.clone()),
            token: TokenUrl::from_url(named.token.clone()),
            end_session: named.end_session.clone(),
            pushed_requests: None,
            authentication: None,
        }
        .without_reserved_parameters()
    }

    /// Returns `self`, or an error if the query of an endpoint sets a parameter that Portico sets.
    pub(crate) fn without_reserved_parameters(self) -> Result<Self, IdentityProviderError> {
        let all = [self.authorization.url(), self.token.url()];
        for endpoint in all.into_iter().chain(&self.end_session).chain(&self.pushed_requests) {
            if let Some(name) = reserved_in(endpoint) {
                let host = endpoint.host_str().unwrap_or_default();
                let detail =
                    format!("an endpoint at {host} has the parameter {name:?} in its query");
                return Err(invalid(Check::EndpointParameter, detail));
            }
        }
        Ok(self)
    }
}

/// Whether requests may go to this URL: https or loopback, without credentials, which would become an
/// `Authorization` header, and without a fragment (RFC 6749 sections 3.1 and 3.2), behind which
/// query parameters would be lost.
pub(crate) fn is_endpoint(url: &Url) -> bool {
    may_be_called(url)
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(issuer: &str, token: &str) -> Result<Endpoints, IdentityProviderError> {
        let url = |text| Url::parse(text).unwrap();
        Endpoints::plain(&PlainEndpoints {
            issuer: url(issuer),
            authorization: url("https://id.heroku.com/oauth/authorize"),
            token: url(token),
            end_session: Some(url("https://id.heroku.com/logout?a=b")),
        })
    }

    #[test]
    fn plain_issuer_is_compared_without_root_slash() {
        for (named, text) in [
            ("https://id.heroku.com", "https://id.heroku.com"),
            ("https://id.heroku.com/", "https://id.heroku.com"),
            ("https://github.com/login/oauth", "https://github.com/login/oauth"),
            ("https://a.example/b/", "https://a.example/b/"),
        ] {
            let found = plain(named, "https://id.heroku.com/oauth/token").unwrap();
            assert_eq!(found.issuer.issuer, text);
            assert!(found.issuer.accepts(None) && found.issuer.accepts(Some(text)));
            assert!(!found.issuer.accepts(Some("https://evil.example")));
        }
    }

    #[test]
    fn plain_endpoints_refuse_insecure_token_endpoint() {
        assert!(plain("https://a.example", "http://127.0.0.1:4000/token").is_ok());
        for token in [
            "http://a.example/token",
            "https://u:p@a.example/token",
            "ftp://a.example/token",
            "https://a.example/token#",
        ] {
            let refused = plain("https://a.example", token).unwrap_err();
            let check = "plain_endpoint";
            assert!(
                matches!(refused, IdentityProviderError::InvalidResponse { check: c, .. } if c.as_str() == check),
                "{token}"
            );
        }
    }

    #[test]
    fn endpoint_with_reserved_query_parameter_is_refused() {
        let good = || PlainEndpoints {
            issuer: Url::parse("https://a.example").unwrap(),
            authorization: Url::parse("https://a.example/authorize?p=1").unwrap(),
            token: Url::parse("https://a.example/token?p=1").unwrap(),
            end_session: Some(Url::parse("https://a.example/logout?p=1").unwrap()),
        };
        assert!(Endpoints::plain(&good()).is_ok());
        for at in 0..3 {
            let mut named = good();
            let endpoint = match at {
                0 => &mut named.authorization,
                1 => &mut named.token,
                _ => named.end_session.as_mut().unwrap(),
            };
            endpoint.set_query(Some("p=1&Redirect%5Furi=https://evil.example"));
            let refused = Endpoints::plain(&named).unwrap_err();
            let check = "endpoint_parameter";
            assert!(
                matches!(refused, IdentityProviderError::InvalidResponse { check: c, .. } if c.as_str() == check),
                "{at}"
            );
        }
    }
}
