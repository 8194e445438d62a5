//! The clouds' APIs: one request with its token, repeated where that is safe and worth it.

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
    advice::shown,
    headers,
    http_client::{HttpClient, HttpError, Limits, Request},
    retry::Retries,
};

/// No fetch takes longer, whatever it is allowed: a moment beyond the end of time has no name.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

/// Fetches from the clouds' APIs.
#[derive(Clone, Debug)]
pub struct CloudFetcher {
    http: HttpClient,
}

impl CloudFetcher {
    /// Fetches through this client.
    pub fn new(http: HttpClient) -> Self {
        Self { http }
    }

    async fn fetch_until(
        &self,
        fetch: &Fetch<'_>,
        deadline: Instant,
    ) -> Result<Reply, FetchFailure> {
        sleep(fetch.wait.min(left(deadline))).await;
        let mut retries = Retries::of(fetch.request.method == Method::Get);
        loop {
            let limits = Limits { within: left(deadline), at_most: fetch.at_most };
            let sent = self.http.send(prepared(fetch)?, limits).await;
            let wait = match &sent {
                Ok(answer) => retries.next_wait(Some((answer.status(), answer.headers()))),
                Err(HttpError::Unreachable(_)) => retries.next_wait(None),
                Err(_) => None,
            };
            match wait {
                Some(wait) if wait < left(deadline) => sleep(wait).await,
                _ => {
                    let url = &fetch.request.url;
                    return sent.map(reply).map_err(|error| failure(url, error));
                }
            }
        }
    }
}

#[async_trait]
impl CloudApi for CloudFetcher {
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure> {
        let within = fetch.within.min(MAX_WAIT);
        let deadline = Instant::now() + within;
        let fetched = timeout(within, self.fetch_until(&fetch, deadline)).await;
        fetched.unwrap_or_else(|_| Err(failure(&fetch.request.url, HttpError::TimedOut)))
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn prepared(fetch: &Fetch<'_>) -> Result<Request, FetchFailure> {
    let asked = fetch.request;
    // The HTTP client would make credentials in an address an Authorization header.
    if !asked.url.username().is_empty() || asked.url.password().is_some() {
        return Err(not_granted("the address holds credentials"));
    }
    let method = match asked.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
    };
    let mut request = Request::new(method, asked.url.clone());
    request.headers = headers::to_send(fetch)
        .map_err(|_| not_granted("a header is not one that a provider may send"))?;
    if let (Method::Post, Some(body)) = (asked.method, &asked.body) {
        request.body = body.clone().into_bytes();
        let json = HeaderValue::from_static("application/json");
        request.headers.entry(CONTENT_TYPE).or_insert(json);
    }
    Ok(request)
}

fn reply(answer: Response<Vec<u8>>) -> Reply {
    let status = answer.status().as_u16();
    let headers = headers::received(answer.headers());
    let body = String::from_utf8(answer.into_body());
    let body = body.unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Reply { status, headers, body }
}

fn not_granted(why: &str) -> FetchFailure {
    FetchFailure { error: FetchError::NotGranted, detail: why.into() }
}

fn failure(url: &Url, error: HttpError) -> FetchFailure {
    let known = match error {
        HttpError::TimedOut | HttpError::ProxyTimedOut(_) => FetchError::TimedOut,
        HttpError::TooLarge(_) | HttpError::WithoutEnd(_) => FetchError::TooLarge,
        HttpError::Unreachable(_) => FetchError::Unreachable,
        HttpError::PlainHttp | HttpError::NotPublic(_) => FetchError::NotGranted,
    };
    FetchFailure { error: known, detail: format!("{}: {error}", shown(url)) }
}

#[cfg(test)]
mod tests;
