//! Fetches a discovery document. If there is none, the error names the requested address and, if one
//! is found at a similar address, the issuer to configure.

use std::time::Duration;

use http::{Response, StatusCode, header::CONTENT_TYPE};
use portico_domain::{
    check::Check,
    {issuer_template::IssuerTemplate, ports::IdentityProviderError},
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::Url;

use super::{Discovery, Document, address, is_issuer};
use crate::{
    advice::{IssuerSettings, issuer_candidates},
    document::{DISCOVERY, invalid, misconfigured, object},
    http_client::HttpClient,
    url_text::shown,
};

/// Timeout of the search for another issuer. It is short because a login waits for it.
const SUGGESTION_TIMEOUT: Duration = Duration::from_secs(2);

/// A request for the discovery document of one issuer.
pub(crate) struct DiscoveryRequest<'a> {
    pub(crate) http: &'a HttpClient,
    pub(crate) issuer: &'a Url,
    /// Whether a claim can fill `{tenantid}` in the document's issuer.
    pub(crate) many_tenants: bool,
    pub(crate) settings: &'a IssuerSettings,
}

impl DiscoveryRequest<'_> {
    /// Fetches and validates the document.
    pub(crate) async fn send(&self) -> Result<Discovery, IdentityProviderError> {
        let at = address(self.issuer);
        let response = DISCOVERY.get(self.http, &at).await?;
        if let Some(reason) = no_document(&response) {
            let advice = self.advice().await;
            let shown = shown(&at);
            return Err(misconfigured(format!("discovery_absent: {shown} {reason}; {advice}")));
        }
        if response.status() != StatusCode::OK {
            return Err(DISCOVERY.unexpected_status(&at, &response));
        }
        let Some(members) = object::<Map<String, Value>>(response.body()) else {
            let advice = self.settings.for_unknown();
            let detail = format!("{} is no JSON object; {advice}", shown(&at));
            return Err(invalid(Check::DiscoveryUnreadable, detail));
        };
        let document = Document::read(&members).map_err(|member| {
            invalid(Check::DiscoveryUnreadable, format!("{} has no usable {member}", shown(&at)))
        })?;
        Discovery::check(document, self.issuer, self.many_tenants, self.settings)
    }

    /// What to configure instead of an issuer without a discovery document.
    async fn advice(&self) -> String {
        // The path of a templated issuer may hold a tenant from a visitor's request; no requests
        // are sent on a visitor's behalf.
        if !self.settings.is_whole {
            return self.settings.for_unknown();
        }
        match timeout(SUGGESTION_TIMEOUT, self.find_issuer()).await {
            Ok(Some(suggested)) => self.settings.for_issuer(&suggested, self.issuer),
            _ => self.settings.for_unknown(),
        }
    }

    /// The first candidate with a discovery document that names it as issuer. It is for the log only
    /// and is never used for a login.
    async fn find_issuer(&self) -> Option<Url> {
        for candidate in issuer_candidates(self.issuer) {
            let response = DISCOVERY.get(self.http, &address(&candidate)).await;
            let Ok(response) = response else { continue };
            let Some(members) = object::<Map<String, Value>>(response.body()) else { continue };
            let issuer = members.get("issuer").and_then(Value::as_str).unwrap_or_default();
            let names_candidate = is_issuer(issuer, &candidate, self.many_tenants)
                || issuer.trim_end_matches('/') == candidate.as_str().trim_end_matches('/');
            if response.status() == StatusCode::OK && names_candidate {
                let url = Url::parse(issuer)
                    .ok()
                    .filter(|_| !IssuerTemplate::new(issuer).has_placeholder());
                return url.or(Some(candidate));
            }
        }
        None
    }
}

/// Why the response is not an issuer's: a client error, or an HTML page.
fn no_document(response: &Response<Vec<u8>>) -> Option<String> {
    let status = response.status();
    let temporary = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    if status.is_client_error() && !temporary.contains(&status) {
        return Some(format!("answered {}", status.as_u16()));
    }
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_page =
        media_type.is_some_and(|value| value.to_ascii_lowercase().starts_with("text/html"));
    // A JSON object with a wrong media type is a document.
    let is_document = || object::<IgnoredAny>(response.body()).is_some();
    (status == StatusCode::OK && is_page && !is_document()).then(|| "is a web page".into())
}
