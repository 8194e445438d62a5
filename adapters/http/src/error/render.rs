//! Renders failures as responses, and logs them.

use portico_domain::return_to::Destinations;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

use super::{ErrorRedirect, Failure, log::log};
use crate::{
    limits::TrustedProxies,
    request::RequestHead,
    response::{CorrelationIds, PageHost, Rendering, message_page, redirect, set_correlation},
};

/// Logs and renders failures.
#[derive(Clone)]
pub(crate) struct Responder {
    pub(crate) correlations: CorrelationIds,
    /// For the client's address in the log.
    pub(crate) proxies: TrustedProxies,
    /// Whether Portico is served over https.
    pub(crate) https: bool,
}

/// The body of an error for programs.
#[derive(Serialize)]
struct JsonError<'a> {
    /// What the person can do, as on the page of the error.
    advice: &'a str,
    code: &'a str,
    correlation: &'a str,
    error: &'a str,
    /// Why the session ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// The body of an OAuth error (RFC 6749 section 5.2).
#[derive(Serialize)]
struct OAuthError<'a> {
    error: &'a str,
    error_description: &'a str,
    /// Those that this server adds (RFC 6749 section 5.2 allows them).
    #[serde(flatten)]
    members: Option<&'a Map<String, Value>>,
}

impl Responder {
    pub(crate) fn new(
        correlations: CorrelationIds,
        proxies: TrustedProxies,
        destinations: &Destinations,
    ) -> Self {
        Self { correlations, proxies, https: destinations.portico().scheme() == "https" }
    }

    /// Logs the failure and renders it in the form of the route.
    pub(crate) fn respond(
        &self,
        failure: &Failure,
        head: &RequestHead,
        rendering: Rendering,
    ) -> Response {
        let correlation = self.correlations.draw();
        let address = self.proxies.client(head.peer.0, &head.headers);
        log(failure, head, address, &correlation);
        let redirect = match rendering {
            Rendering::Redirect => failure.redirect(&correlation),
            Rendering::Page | Rendering::Json | Rendering::OAuthJson => None,
        };
        let mut response = match (failure.body, redirect) {
            (Some(body), _) => failure.with_headers(json(body.to_owned())),
            (None, Some(redirect)) => redirect,
            (None, None) => failure.render(head, rendering, &correlation),
        };
        set_correlation(&mut response, &correlation);
        response
    }
}

impl Failure {
    fn render(&self, head: &RequestHead, rendering: Rendering, correlation: &str) -> Response {
        let body = if rendering == Rendering::OAuthJson {
            let error = self.code.token_error();
            let members = self.members.as_deref();
            text(&OAuthError { error, error_description: &described(&self.message), members })
        } else if rendering.wants_page(&head.headers) {
            let advice = self.code.row().advice;
            let (host, heading) = (PageHost::of(&head.path), "That did not work");
            let page = message_page(host, heading, &self.message, advice, correlation);
            return self.with_headers(page);
        } else {
            self.json(correlation)
        };
        self.with_headers(json(body))
    }

    /// The body for programs.
    pub(crate) fn json(&self, correlation: &str) -> String {
        text(&JsonError {
            advice: self.code.row().advice,
            code: self.code.code(),
            correlation,
            error: &self.message,
            reason: self.code.reason(),
        })
    }

    fn with_headers(&self, mut response: Response) -> Response {
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response
    }

    /// The redirect to the app. `None` if the login has none, or if its URL is invalid in a header: then
    /// the failure itself is shown.
    fn redirect(&self, correlation: &str) -> Option<Response> {
        let ErrorRedirect { to, error } = self.login.as_ref()?.redirect.as_ref()?;
        redirect(&with_error(to, error, &self.message, correlation)).ok()
    }
}

/// A message in the characters that RFC 6749 section 5.2 allows in `error_description`.
fn described(message: &str) -> String {
    let allowed = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
    message.chars().map(|c| if allowed(c) { c } else { '?' }).collect()
}

fn text(body: &impl Serialize) -> String {
    // Infallible for a struct of strings.
    serde_json::to_string(body).unwrap_or_default()
}

fn json(body: String) -> Response {
    let mut response = body.into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// Adds the parameters of an error response (RFC 6749 section 4.1.2.1) and the correlation id.
fn with_error(to: &Url, error: &str, description: &str, correlation: &str) -> Url {
    const PARAMETERS: [&str; 3] = ["error", "error_description", "correlation"];
    let is_replaced = |name: &str| PARAMETERS.contains(&name);
    let mut url = to.clone();
    let mut query = url.query_pairs_mut();
    // Remove existing ones. Only then is the query re-encoded.
    if to.query_pairs().any(|(name, _)| is_replaced(&name)) {
        query.clear().extend_pairs(to.query_pairs().filter(|(name, _)| !is_replaced(name)));
    }
    query.extend_pairs(PARAMETERS.into_iter().zip([error, description, correlation]));
    drop(query);
    url
}

#[cfg(test)]
mod tests;
