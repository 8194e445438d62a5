//! A provider's discovery document (OpenID Connect Discovery section 4), checked before anything
//! in it is used.

mod fetch;
mod members;

use oauth2::{AuthUrl, TokenUrl};
use portico_domain::{
    address::is_loopback, check::Check, issuer_template::IssuerTemplate, login::ResponseIssuer,
    ports::IdentityProviderError,
};
use url::Url;

pub(crate) use self::{fetch::Asked, members::Document};
use crate::{
    advice::{IssuerSettings, shown, text},
    document::{invalid, misconfigured},
    endpoints::{self, Endpoints, issuer_text},
    id_token::{ACCEPTED, accepted},
};

/// What a provider says about itself, checked.
#[derive(Clone, Debug)]
pub(crate) struct Discovery {
    /// The issuer in them is that of its ID tokens too.
    pub(crate) endpoints: Endpoints,
    pub(crate) jwks_uri: Url,
}

/// Where the discovery document of `issuer` is.
pub(crate) fn address(issuer: &Url) -> Url {
    let mut address = issuer.clone();
    let path = issuer.path().trim_end_matches('/');
    address.set_path(&format!("{path}/.well-known/openid-configuration"));
    address
}

impl Discovery {
    /// The document of `asked`. `many_tenants` where a claim can fill `{tenantid}`.
    pub(crate) fn check(
        document: Document,
        asked: &Url,
        many_tenants: bool,
        settings: &IssuerSettings,
    ) -> Result<Self, IdentityProviderError> {
        if !is_issuer(&document.issuer, asked, many_tenants) {
            return Err(other_issuer(&document.issuer, asked, settings));
        }
        let endpoints =
            [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        for endpoint in endpoints.into_iter().chain(&document.end_session_endpoint) {
            if !is_endpoint(endpoint, asked) {
                let detail = format!(
                    "an endpoint in the discovery document of {asked} is neither https nor, as \
                     the issuer itself, on loopback, or holds credentials or a fragment"
                );
                return Err(invalid(Check::DiscoveryEndpoint, detail));
            }
        }
        algorithms(document.algorithms.as_deref(), asked)?;
        let endpoints = Endpoints {
            issuer: ResponseIssuer { issuer: document.issuer, required: document.sends_issuer },
            authorization: AuthUrl::from_url(document.authorization_endpoint),
            token: TokenUrl::from_url(document.token_endpoint),
            end_session: document.end_session_endpoint,
            authentication: document.authentication,
        }
        .with_own_parameters_alone()?;
        Ok(Self { endpoints, jwks_uri: document.jwks_uri })
    }
}

/// Whether `named` is the issuer that was asked, or a template that the one asked is a case of.
fn is_issuer(named: &str, asked: &Url, many_tenants: bool) -> bool {
    let (text, bare) = (asked.as_str(), issuer_text(asked));
    let template = IssuerTemplate::new(named);
    let is_template = many_tenants && template.has_placeholder();
    named == text || named == bare || (is_template && template.matches(text))
}

/// The document of `asked` names somebody else: `asked` is another name of the provider, as
/// `login.chinacloudapi.cn` is of `login.partner.microsoftonline.cn`, or not the provider at all.
fn other_issuer(named: &str, asked: &Url, settings: &IssuerSettings) -> IdentityProviderError {
    let likely = Url::parse(named).ok().filter(endpoints::is_endpoint);
    let advice = match likely {
        Some(likely) => settings.for_issuer(&likely, asked),
        None => settings.for_unknown(),
    };
    misconfigured(format!(
        "discovery_issuer: {} names the issuer {:?} and not {}; {advice}",
        shown(&address(asked)),
        text(named),
        shown(asked),
    ))
}

/// Refuses a provider that says that it signs by none of the algorithms that are accepted: every
/// person would sign in for nothing. What it does not announce, or announces and does not do, is
/// found in the ID token, whose algorithm is always checked.
fn algorithms(announced: Option<&[String]>, asked: &Url) -> Result<(), IdentityProviderError> {
    let Some(announced) = announced.filter(|names| !names.is_empty()) else { return Ok(()) };
    if announced.iter().any(|name| accepted(name).is_some()) {
        return Ok(());
    }
    let names: Vec<_> = announced.iter().map(String::as_str).take(8).collect();
    let accepted: Vec<_> = ACCEPTED.iter().map(|(name, _)| *name).collect();
    Err(misconfigured(format!(
        "id_token_algorithm: {} announces ID tokens signed by {:?} alone; have the provider sign \
         them by one of {}",
        shown(&address(asked)),
        text(&names.join(", ")),
        accepted.join(", "),
    )))
}

/// A document must not lead Portico to its own machine, unless it came from there.
fn is_endpoint(url: &Url, issuer: &Url) -> bool {
    endpoints::is_endpoint(url) && (is_loopback(issuer) || !is_loopback(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(issuer: &str, named: &str, many: bool) -> Result<Discovery, IdentityProviderError> {
        let document = serde_json::json!({
            "issuer": named, "authorization_endpoint": "https://a.example/authorize",
            "token_endpoint": "https://a.example/token", "jwks_uri": "https://a.example/keys",
        });
        check_document(document, issuer, many)
    }

    fn check_document(
        document: serde_json::Value,
        issuer: &str,
        many: bool,
    ) -> Result<Discovery, IdentityProviderError> {
        let document = Document::read(document.as_object().unwrap()).unwrap();
        let settings = IssuerSettings { variables: vec!["X_ISSUER".into()], is_whole: true };
        Discovery::check(document, &Url::parse(issuer).unwrap(), many, &settings)
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
        for named in ["https://b.example/t/v2.0", "https://a.example/t/v2.0/", "", "{tenantid}"] {
            let refused = check("https://a.example/t/v2.0", named, false).unwrap_err();
            assert!(
                matches!(&refused, IdentityProviderError::Misconfigured(why)
                if why.starts_with("discovery_issuer")),
                "{named}"
            );
        }
    }

    #[test]
    fn discovery_accepts_issuer_template_only_with_tenant_claim() {
        let asked = "https://a.example/organizations/v2.0";
        let template = "https://a.example/{tenantid}/v2.0";
        let found = check(asked, template, true).unwrap();
        assert_eq!(found.endpoints.issuer.issuer, template);
        assert!(check(asked, template, false).is_err());
        assert!(check(asked, "https://b.example/{tenantid}/v2.0", true).is_err());
        assert!(check(asked, "https://a.example/{tenantid}/v1.0", true).is_err());
    }

    #[test]
    fn discovery_refuses_endpoint_with_reserved_query_parameter() {
        for name in ["authorization_endpoint", "token_endpoint", "end_session_endpoint"] {
            for (query, is_good) in [("p=b2c_1", true), ("p=b2c_1&client%5fid=evil", false)] {
                let mut document = serde_json::json!({
                    "issuer": "https://a.example/t", "token_endpoint": "https://a.example/token",
                    "authorization_endpoint": "https://a.example/authorize",
                    "jwks_uri": "https://a.example/keys",
                });
                document[name] = format!("https://a.example/x?{query}").into();
                let checked = check_document(document, "https://a.example/t", false);
                assert_eq!(checked.is_ok(), is_good, "{name} {query}");
            }
        }
    }

    #[test]
    fn discovery_refuses_plain_http_and_loopback_endpoints() {
        for endpoint in
            ["http://a.example/token", "https://127.0.0.1/token", "https://u:p@a.example/token"]
        {
            let document = serde_json::json!({
                "issuer": "https://a.example/t", "token_endpoint": endpoint,
                "authorization_endpoint": "https://a.example/authorize",
                "jwks_uri": "https://a.example/keys",
            });
            let refused = check_document(document, "https://a.example/t", false).unwrap_err();
            let check = "discovery_endpoint";
            assert!(
                matches!(refused, IdentityProviderError::InvalidResponse { check: c, .. } if c.as_str() == check),
                "{endpoint}"
            );
        }
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
        for good in [&["RS256"][..], &["EdDSA"], &["none", "HS256", "ES384"], &[]] {
            assert!(announcing(good).is_ok(), "{good:?}");
        }
        for bad in [&["HS256"][..], &["none"], &["ES512", "HS512"], &["rs256"]] {
            let refused = announcing(bad).unwrap_err().to_string();
            assert!(refused.contains("id_token_algorithm: "), "{refused}");
            assert!(refused.contains(&bad.join(", ")), "{refused}");
        }
    }

    #[test]
    fn issuer_mismatch_error_names_both_issuers_and_the_setting() {
        let refused = check("https://a.example/t", "https://b.example/t", false).unwrap_err();
        let expected = "the settings do not fit the provider: discovery_issuer: \
                        https://a.example/t/.well-known/openid-configuration names the issuer \
                        \"https://b.example/t\" and not https://a.example/t; if that is the provider \
                        you mean, set X_ISSUER=https://b.example/t";
        assert_eq!(refused.to_string(), expected);
    }
}
