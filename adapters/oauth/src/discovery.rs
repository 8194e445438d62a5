//! Validation of a provider's discovery document (OpenID Connect Discovery section 4).

mod fetch;
mod members;

use oauth2::{AuthUrl, TokenUrl};
use portico_domain::{
    address::is_loopback, check::Check, issuer_template::IssuerTemplate, login::ResponseIssuer,
    ports::IdentityProviderError,
};
use url::Url;

pub(crate) use self::{fetch::DiscoveryRequest, members::Document};
use crate::{
    advice::{IssuerSettings, shown, text},
    document::{invalid, misconfigured},
    endpoints::{self, Endpoints, issuer_text},
    id_token::{ACCEPTED, accepted},
};

/// A validated discovery document.
#[derive(Clone, Debug)]
pub(crate) struct Discovery {
    /// Their issuer is also the expected issuer of ID tokens.
    pub(crate) endpoints: Endpoints,
    pub(crate) jwks_uri: Url,
}

/// The URL of the discovery document of `issuer` (OpenID Connect Discovery section 4.1).
pub(crate) fn address(issuer: &Url) -> Url {
    let mut address = issuer.clone();
    let path = issuer.path().trim_end_matches('/');
    address.set_path(&format!("{path}/.well-known/openid-configuration"));
    address
}

impl Discovery {
    /// Validates the document that was fetched for the `configured` issuer. `many_tenants` says
    /// whether a claim can fill `{tenantid}` in the document's issuer.
    pub(crate) fn check(
        document: Document,
        configured: &Url,
        many_tenants: bool,
        settings: &IssuerSettings,
    ) -> Result<Self, IdentityProviderError> {
        if !is_issuer(&document.issuer, configured, many_tenants) {
            return Err(other_issuer(&document.issuer, configured, settings));
        }
        let endpoints =
            [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        for endpoint in endpoints.into_iter().chain(&document.end_session_endpoint) {
            if !is_endpoint(endpoint, configured) {
                let detail = format!(
                    "an endpoint in the discovery document of {configured} is neither https nor, \
                     like the issuer itself, on loopback, or holds credentials or a fragment"
                );
                return Err(invalid(Check::DiscoveryEndpoint, detail));
            }
        }
        check_algorithms(document.algorithms.as_deref(), configured)?;
        let endpoints = Endpoints {
            issuer: ResponseIssuer { issuer: document.issuer, required: document.sends_issuer },
            authorization: AuthUrl::from_url(document.authorization_endpoint),
            token: TokenUrl::from_url(document.token_endpoint),
            end_session: document.end_session_endpoint,
            authentication: document.authentication,
        }
        .without_reserved_parameters()?;
        Ok(Self { endpoints, jwks_uri: document.jwks_uri })
    }
}

/// Whether the document's issuer is the `configured` one, or a template that the latter matches.
fn is_issuer(issuer: &str, configured: &Url, many_tenants: bool) -> bool {
    let (text, bare) = (configured.as_str(), issuer_text(configured));
    let template = IssuerTemplate::new(issuer);
    let is_template = many_tenants && template.has_placeholder();
    issuer == text || issuer == bare || (is_template && template.matches(text))
}

/// The document has another issuer: the `configured` URL is an alias of the provider, as
/// `login.chinacloudapi.cn` is of `login.partner.microsoftonline.cn`, or another provider's.
fn other_issuer(
    issuer: &str,
    configured: &Url,
    settings: &IssuerSettings,
) -> IdentityProviderError {
    let suggested = Url::parse(issuer).ok().filter(endpoints::is_endpoint);
    let advice = match suggested {
        Some(suggested) => settings.for_issuer(&suggested, configured),
        None => settings.for_unknown(),
    };
    misconfigured(format!(
        "discovery_issuer: {} names the issuer {:?} and not {}; {advice}",
        shown(&address(configured)),
        text(issuer),
        shown(configured),
    ))
}

/// Refuses a provider that announces no accepted signing algorithm: every login would fail only
/// after the person has signed in. The announcement grants nothing: each ID token's own algorithm is
/// checked all the same.
fn check_algorithms(
    announced: Option<&[String]>,
    configured: &Url,
) -> Result<(), IdentityProviderError> {
    let Some(announced) = announced.filter(|names| !names.is_empty()) else { return Ok(()) };
    if announced.iter().any(|name| accepted(name).is_some()) {
        return Ok(());
    }
    let names: Vec<_> = announced.iter().map(String::as_str).take(8).collect();
    let accepted: Vec<_> = ACCEPTED.iter().map(|(name, _)| *name).collect();
    Err(misconfigured(format!(
        "id_token_algorithm: {} announces ID tokens signed by {:?} alone; have the provider sign \
         them by one of {}",
        shown(&address(configured)),
        text(&names.join(", ")),
        accepted.join(", "),
    )))
}

/// A document may name loopback endpoints only if its issuer is on loopback itself: it must not send
/// requests to services on Portico's machine.
fn is_endpoint(url: &Url, issuer: &Url) -> bool {
    endpoints::is_endpoint(url) && (is_loopback(issuer) || !is_loopback(url))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn check(
        configured: &str,
        issuer: &str,
        many_tenants: bool,
    ) -> Result<Discovery, IdentityProviderError> {
        let document = serde_json::json!({
            "issuer": issuer, "authorization_endpoint": "https://a.example/authorize",
            "token_endpoint": "https://a.example/token", "jwks_uri": "https://a.example/keys",
        });
        check_document(document, configured, many_tenants)
    }

    fn check_document(
        document: serde_json::Value,
        configured: &str,
        many_tenants: bool,
    ) -> Result<Discovery, IdentityProviderError> {
        let document = Document::read(document.as_object().unwrap()).unwrap();
        let settings = IssuerSettings { variables: vec!["X_ISSUER".into()], is_whole: true };
        Discovery::check(document, &Url::parse(configured).unwrap(), many_tenants, &settings)
    }

    #[test]
    fn discovery_address_appends_well_known_path_to_issuer() {
        for issuer in ["https://a.example/x/v2.0", "https://a.example/x/v2.0/"] {
            let address = address(&Url::parse(issuer).unwrap());
            let expected = "https://a.example/x/v2.0/.well-known/openid-configuration";
            assert_eq!(address.as_str(), expected);
        }
    }

    #[test]
    fn discovery_accepts_configured_issuer_with_or_without_root_slash() {
        assert!(check("https://a.example/t/v2.0", "https://a.example/t/v2.0", false).is_ok());
        assert!(check("https://a.example", "https://a.example", false).is_ok());
        assert!(check("https://a.example", "https://a.example/", false).is_ok());
    }

    #[test]
    fn discovery_with_other_issuer_is_misconfigured() {
        for issuer in ["https://b.example/t/v2.0", "https://a.example/t/v2.0/", "", "{tenantid}"] {
            let error = check("https://a.example/t/v2.0", issuer, false).unwrap_err();
            assert!(
                matches!(&error, IdentityProviderError::Misconfigured(detail)
                if detail.starts_with("discovery_issuer")),
                "{issuer}"
            );
        }
    }

    #[test]
    fn discovery_accepts_issuer_template_only_with_tenant_claim() {
        let configured = "https://a.example/organizations/v2.0";
        let template = "https://a.example/{tenantid}/v2.0";
        let discovery = check(configured, template, true).unwrap();
        assert_eq!(discovery.endpoints.issuer.issuer, template);
        assert!(check(configured, template, false).is_err());
        assert!(check(configured, "https://b.example/{tenantid}/v2.0", true).is_err());
        assert!(check(configured, "https://a.example/{tenantid}/v1.0", true).is_err());
    }

    #[rstest]
    #[case::authorization("authorization_endpoint")]
    #[case::token("token_endpoint")]
    #[case::end_session("end_session_endpoint")]
    fn discovery_refuses_endpoint_with_reserved_query_parameter(#[case] name: &str) {
        for (query, is_accepted) in [("p=b2c_1", true), ("p=b2c_1&client%5fid=evil", false)] {
            let mut document = serde_json::json!({
                "issuer": "https://a.example/t", "token_endpoint": "https://a.example/token",
                "authorization_endpoint": "https://a.example/authorize",
                "jwks_uri": "https://a.example/keys",
            });
            document[name] = format!("https://a.example/x?{query}").into();
            let checked = check_document(document, "https://a.example/t", false);
            assert_eq!(checked.is_ok(), is_accepted, "{query}");
        }
    }

    #[rstest]
    #[case::plain_http("http://a.example/token")]
    #[case::loopback("https://127.0.0.1/token")]
    #[case::credentials("https://u:p@a.example/token")]
    fn discovery_refuses_plain_http_and_loopback_endpoints(#[case] endpoint: &str) {
        let document = serde_json::json!({
            "issuer": "https://a.example/t", "token_endpoint": endpoint,
            "authorization_endpoint": "https://a.example/authorize",
            "jwks_uri": "https://a.example/keys",
        });
        let error = check_document(document, "https://a.example/t", false).unwrap_err();
        let IdentityProviderError::InvalidResponse { check, .. } = error else { panic!("{error}") };
        assert_eq!(check.as_str(), "discovery_endpoint");
    }

    #[test]
    fn discovery_refuses_provider_without_accepted_signing_algorithm() {
        let announcing = |algorithms: &[&str]| {
            let document = serde_json::json!({
                "issuer": "https://a.example/t", "token_endpoint": "https://a.example/token",
                "authorization_endpoint": "https://a.example/authorize",
                "jwks_uri": "https://a.example/keys",
                "id_token_signing_alg_values_supported": algorithms,
            });
            check_document(document, "https://a.example/t", false)
        };
        for accepted in [&["RS256"][..], &["EdDSA"], &["none", "HS256", "ES384"], &[]] {
            assert!(announcing(accepted).is_ok(), "{accepted:?}");
        }
        for refused in [&["HS256"][..], &["none"], &["ES512", "HS512"], &["rs256"]] {
            let error = announcing(refused).unwrap_err().to_string();
            assert!(error.contains("id_token_algorithm: "), "{error}");
            assert!(error.contains(&refused.join(", ")), "{error}");
        }
    }

    #[test]
    fn issuer_mismatch_error_names_both_issuers_and_the_setting() {
        let error = check("https://a.example/t", "https://b.example/t", false).unwrap_err();
        let expected = "the settings do not fit the provider: discovery_issuer: \
                        https://a.example/t/.well-known/openid-configuration names the issuer \
                        \"https://b.example/t\" and not https://a.example/t; if that is the provider \
                        you mean, set X_ISSUER=https://b.example/t";
        assert_eq!(error.to_string(), expected);
    }
}
