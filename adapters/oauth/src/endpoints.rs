//! Where one provider is spoken to: discovered, or named by its plug-in.

use oauth2::{AuthUrl, TokenUrl};
use portico_domain::{
    address::may_be_called, login::ResponseIssuer, ports::IdentityProviderError,
    provider::PlainEndpoints,
};
use url::Url;

use crate::document::untrue;

/// What every provider has, checked.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    /// Who its answers come from; `{tenantid}` in it stands for any one tenant.
    pub(crate) issuer: ResponseIssuer,
    pub(crate) authorization: AuthUrl,
    pub(crate) token: TokenUrl,
    pub(crate) end_session: Option<Url>,
}

impl Endpoints {
    /// Those of a provider without discovery. Nobody said that its answers carry `iss`; one that
    /// is there must be the issuer all the same (RFC 9207 section 2.4).
    pub(crate) fn plain(named: &PlainEndpoints) -> Result<Self, IdentityProviderError> {
        let all = [&named.authorization, &named.token];
        if !all.into_iter().chain(&named.end_session).all(is_endpoint) {
            let detail = "an endpoint that the provider names is neither https nor on loopback, or \
                          holds credentials";
            return Err(untrue("plain_endpoint", detail));
        }
        Ok(Self {
            issuer: ResponseIssuer { issuer: issuer_text(&named.issuer).into(), required: false },
            authorization: AuthUrl::from_url(named.authorization.clone()),
            token: TokenUrl::from_url(named.token.clone()),
            end_session: named.end_session.clone(),
        })
    }
}

/// An issuer as providers write theirs: a URL without a path is serialised with a slash, and
/// issuers without one (RFC 8414 section 2).
pub(crate) fn issuer_text(issuer: &Url) -> &str {
    match issuer.path() {
        "/" => issuer.as_str().trim_end_matches('/'),
        _ => issuer.as_str(),
    }
}

/// Whether this may be called. The HTTP client would make credentials in an address an
/// `Authorization` header.
pub(crate) fn is_endpoint(url: &Url) -> bool {
    may_be_called(url) && url.username().is_empty() && url.password().is_none()
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
            user_record: None,
        })
    }

    #[test]
    fn an_issuer_is_compared_as_providers_write_it_without_the_slash_of_an_empty_path() {
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
    fn an_endpoint_that_a_token_must_not_go_to_is_refused() {
        assert!(plain("https://a.example", "http://127.0.0.1:4000/token").is_ok());
        for token in
            ["http://a.example/token", "https://u:p@a.example/token", "ftp://a.example/token"]
        {
            let refused = plain("https://a.example", token).unwrap_err();
            let check = "plain_endpoint";
            assert!(
                matches!(refused, IdentityProviderError::Untrue { check: c, .. } if c == check),
                "{token}"
            );
        }
    }
}
