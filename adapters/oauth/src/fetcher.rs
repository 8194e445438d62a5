//! Requests to the clouds' APIs, with their token; GETs are retried.

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, Response, header::CONTENT_TYPE};
use portico_domain::{
    ports::{CloudApi, Fetch, FetchFailure},
    provider::{FetchError, Method, Reply},
};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::{
    headers,
    http_client::{HttpClient, HttpError, Limits, Request},
    retry::Retries,
    url_text::shown,
};

/// The longest timeout of a fetch; keeps the computed deadline from overflowing.
const MAX_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// The port `CloudApi` over an [`HttpClient`].
#[derive(Clone, Debug)]
pub struct CloudFetcher {
    http: HttpClient,
}

impl CloudFetcher {
    /// A fetcher that sends through this client.
    pub fn new(http: HttpClient) -> Self {
        Self { http }
    }

    async fn fetch_until(
        &self,
        fetch: &Fetch<'_>,
        deadline: Instant,
    ) -> Result<Reply, FetchFailure> {
        sleep(fetch.wait.min(remaining(deadline))).await;
        let mut retries = Retries::of(fetch.request.method == Method::Get);
        loop {
            let limits = Limits { timeout: remaining(deadline), max_len: fetch.max_bytes };
            let result = self.http.send(to_request(fetch)?, limits).await;
            let wait = match &result {
                Ok(response) => retries.next_wait(Some((response.status(), response.headers()))),
                Err(HttpError::Unreachable(_)) => retries.next_wait(None),
                Err(_) => None,
            };
            match wait {
                Some(wait) if wait < remaining(deadline) => sleep(wait).await,
                _ => {
                    let url = &fetch.request.url;
                    return result.map(reply).map_err(|error| failure(url, error));
                }
            }
        }
    }
}

#[async_trait]
impl CloudApi for CloudFetcher {
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure> {
        let limit = fetch.timeout.min(MAX_TIMEOUT);
        let deadline = Instant::now() + limit;
        let result = timeout(limit, self.fetch_until(&fetch, deadline)).await;
        result.unwrap_or_else(|_| Err(failure(&fetch.request.url, HttpError::TimedOut)))
    }
}

fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn to_request(fetch: &Fetch<'_>) -> Result<Request, FetchFailure> {
    let declared = fetch.request;
    // Credentials in a URL would become an Authorization header.
    if !declared.url.username().is_empty() || declared.url.password().is_some() {
        return Err(not_granted("the address holds credentials"));
    }
    let method = match declared.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
    };
    let mut request = Request::new(method, declared.url.clone());
    request.headers = headers::to_send(fetch)
        .map_err(|_| not_granted("a header is not one that a provider may send"))?;
    if let (Method::Post, Some(body)) = (declared.method, &declared.body) {
        request.body = body.clone().into_bytes();
        let json = HeaderValue::from_static("application/json");
        request.headers.entry(CONTENT_TYPE).or_insert(json);
    }
    Ok(request)
}

fn reply(response: Response<Vec<u8>>) -> Reply {
    let status = response.status().as_u16();
    let headers = headers::received(response.headers());
    let body = String::from_utf8(response.into_body());
    let body = body.unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Reply { status, headers, body }
}

fn not_granted(reason: &str) -> FetchFailure {
    FetchFailure { error: FetchError::NotGranted, detail: reason.into() }
}

fn failure(url: &Url, error: HttpError) -> FetchFailure {
    let kind = match error {
        HttpError::TimedOut | HttpError::ProxyTimedOut(_) => FetchError::TimedOut,
        HttpError::TooLarge(_) | HttpError::WithoutEnd(_) => FetchError::TooLarge,
        HttpError::Unreachable(_) => FetchError::Unreachable,
        HttpError::PlainHttp | HttpError::NotPublic(_) => FetchError::NotGranted,
    };
    FetchFailure { error: kind, detail: format!("{}: {error}", shown(url)) }
}

#[cfg(test)]
mod tests;
