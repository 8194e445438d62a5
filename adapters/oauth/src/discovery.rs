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
    advice::IssuerSettings,
    algorithms::{ACCEPTED, accepted},
    document::{invalid, misconfigured},
    endpoints::{self, Endpoints},
    url_text::{issuer_text, shown, text},
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
        let optional = document.end_session_endpoint.iter().chain(&document.pushed_requests);
        for endpoint in endpoints.into_iter().chain(optional) {
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
            pushed_requests: document.pushed_requests,
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
mod tests;
