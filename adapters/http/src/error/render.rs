//! Turns failures into answers: the one place that logs them and renders them.

use portico_domain::return_to::Destinations;
use serde::Serialize;
use url::Url;
use warp::{
    http::{HeaderMap, HeaderValue, header},
    reply::{Reply, Response},
};

use super::{Failure, SentBack, log::log};
use crate::{
    limits::TrustedProxies,
    request::RequestHead,
    response::{CorrelationIds, Rendering, message_page, name_in_log, redirect},
};

/// Answers failures.
#[derive(Clone)]
pub(crate) struct Responder {
    /// Where the ids come from that name answers in the log.
    pub(crate) correlations: CorrelationIds,
    /// Whose word on a client's address counts, for the log.
    pub(crate) proxies: TrustedProxies,
    /// Whether browsers reach Portico by https.
    pub(crate) https: bool,
}

/// The body of an error for programs.
#[derive(Serialize)]
struct JsonError<'a> {
    code: &'a str,
    correlation: &'a str,
    error: &'a str,
}

/// The body of an OAuth error (RFC 6749 section 5.2).
#[derive(Serialize)]
struct OAuthError<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl Responder {
    /// What answers failures of a Portico that stands there.
    pub(crate) fn new(
        correlations: CorrelationIds,
        proxies: TrustedProxies,
        destinations: &Destinations,
    ) -> Self {
        Self { correlations, proxies, https: destinations.portico().scheme() == "https" }
    }

    /// Logs the failure once and answers it in the rendering of the request's route.
    pub(crate) fn answer(
        &self,
        failure: &Failure,
        head: &RequestHead,
        rendering: Rendering,
    ) -> Response {
        let correlation = self.correlations.draw();
        let address = self.proxies.client(head.peer.0, &head.headers);
        log(failure, head, address, &correlation);
        let sent_back = match rendering {
            Rendering::Redirect => failure.sent_back(&correlation),
            Rendering::Page | Rendering::Json | Rendering::OAuthJson => None,
        };
        let mut response = match (failure.body, sent_back) {
            (Some(body), _) => failure.with_headers(json(body.to_owned())),
            (None, Some(redirect)) => redirect,
            (None, None) => failure.rendered(&head.headers, rendering, &correlation),
        };
        name_in_log(&mut response, &correlation);
        response
    }
}

impl Failure {
    fn rendered(&self, headers: &HeaderMap, rendering: Rendering, correlation: &str) -> Response {
        let body = if rendering == Rendering::OAuthJson {
            let error = self.code.token_error();
            text(&OAuthError { error, error_description: &self.message })
        } else if rendering.wants_page(headers) {
            let advice = self.code.row().advice;
            let page = message_page("That did not work", &self.message, advice, correlation);
            return self.with_headers(page);
        } else {
            self.json(correlation)
        };
        self.with_headers(json(body))
    }

    /// The body of the answer to a program.
    pub(crate) fn json(&self, correlation: &str) -> String {
        text(&JsonError { code: self.code.word(), correlation, error: &self.message })
    }

    fn with_headers(&self, mut response: Response) -> Response {
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow.as_deref().and_then(|it| HeaderValue::from_str(it).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        response
    }

    /// The redirect to the app that asked for the login. `None` where none did, and where no header
    /// can hold its address: then the person sees the failure itself.
    fn sent_back(&self, correlation: &str) -> Option<Response> {
        let SentBack { to, error } = self.login.as_ref()?.back.as_ref()?;
        redirect(&with_error(to, error, &self.message, correlation)).ok()
    }
}

fn text(body: &impl Serialize) -> String {
    // A struct of strings: there is nothing that can fail.
    serde_json::to_string(body).unwrap_or_default()
}

fn json(body: String) -> Response {
    let mut response = body.into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The address where the login was to end, with the error as an app reads it (RFC 6749 section
/// 4.1.2.1) and in Portico's own words.
fn with_error(to: &Url, error: &str, description: &str, correlation: &str) -> Url {
    const OURS: [&str; 3] = ["error", "error_description", "correlation"];
    let is_ours = |name: &str| OURS.contains(&name);
    let mut url = to.clone();
    let mut query = url.query_pairs_mut();
    // An app reads each of them once. Anything else of its address stays as it is spelled.
    if to.query_pairs().any(|(name, _)| is_ours(&name)) {
        query.clear().extend_pairs(to.query_pairs().filter(|(name, _)| !is_ours(name)));
    }
    query.extend_pairs(OURS.into_iter().zip([error, description, correlation]));
    drop(query);
    url
}

#[cfg(test)]
mod tests;
