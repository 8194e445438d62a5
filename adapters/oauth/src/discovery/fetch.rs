//! Fetches a discovery document. Where there is none, the operator is told the address that was
//! asked, and where there is one nearby.

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
    advice::{IssuerSettings, meant, shown},
    document::{DISCOVERY, invalid, misconfigured, object},
    http_client::HttpClient,
};

/// How long a better issuer may be looked for: a person waits for the answer.
const LOOKING: Duration = Duration::from_secs(2);

/// Who is asked for a discovery document.
pub(crate) struct Asked<'a> {
    pub(crate) http: &'a HttpClient,
    pub(crate) issuer: &'a Url,
    /// Whether a claim can fill `{tenantid}` in what it calls itself.
    pub(crate) many_tenants: bool,
    pub(crate) settings: &'a IssuerSettings,
}

impl Asked<'_> {
    /// What the provider says about itself.
    pub(crate) async fn discovery(&self) -> Result<Discovery, IdentityProviderError> {
        let at = address(self.issuer);
        let answer = DISCOVERY.get(self.http, &at).await?;
        if let Some(why) = no_document(&answer) {
            let advice = self.advice().await;
            let shown = shown(&at);
            return Err(misconfigured(format!("discovery_absent: {shown} {why}; {advice}")));
        }
        if answer.status() != StatusCode::OK {
            return Err(DISCOVERY.answered(&at, &answer));
        }
        let Some(members) = object::<Map<String, Value>>(answer.body()) else {
            let advice = self.settings.for_unknown();
            let detail = format!("{} is no JSON object; {advice}", shown(&at));
            return Err(invalid(Check::DiscoveryUnreadable, detail));
        };
        let document = Document::read(&members).map_err(|member| {
            invalid(Check::DiscoveryUnreadable, format!("{} has no usable {member}", shown(&at)))
        })?;
        Discovery::check(document, self.issuer, self.many_tenants, self.settings)
    }

    /// What to write in place of an issuer that has no discovery document.
    async fn advice(&self) -> String {
        // An issuer that a template makes has the path of the template, perhaps with a tenant that a
        // visitor asked for: nothing is looked for on their behalf.
        if !self.settings.is_whole {
            return self.settings.for_unknown();
        }
        match timeout(LOOKING, self.likely_issuer()).await {
            Ok(Some(likely)) => self.settings.for_issuer(&likely, self.issuer),
            _ => self.settings.for_unknown(),
        }
    }

    /// The first nearby issuer that has a document of its own. It is named to the operator, and
    /// nobody signs in with it.
    async fn likely_issuer(&self) -> Option<Url> {
        for candidate in meant(self.issuer) {
            let Ok(answer) = DISCOVERY.get(self.http, &address(&candidate)).await else { continue };
            let Some(members) = object::<Map<String, Value>>(answer.body()) else { continue };
            let named = members.get("issuer").and_then(Value::as_str).unwrap_or_default();
            let names_itself = is_issuer(named, &candidate, self.many_tenants)
                || named.trim_end_matches('/') == candidate.as_str().trim_end_matches('/');
            if answer.status() == StatusCode::OK && names_itself {
                let named = Url::parse(named)
                    .ok()
                    .filter(|_| !IssuerTemplate::new(named).has_placeholder());
                return named.or(Some(candidate));
            }
        }
        None
    }
}

/// Why this is no answer of an issuer: nothing is there, or a page for people.
fn no_document(answer: &Response<Vec<u8>>) -> Option<String> {
    let status = answer.status();
    let comes_later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    if status.is_client_error() && !comes_later.contains(&status) {
        return Some(format!("answered {}", status.as_u16()));
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    // A document that is only called a page is a document.
    let is_document = || object::<IgnoredAny>(answer.body()).is_some();
    (status == StatusCode::OK && is_page && !is_document()).then(|| "is a web page".into())
}
