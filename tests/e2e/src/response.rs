//! A response that a browser received.

use reqwest::{
    StatusCode,
    header::{HeaderMap, LOCATION, SET_COOKIE},
};
use serde_json::Value;
use url::Url;

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The URL of the request.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Response {
    /// The URL of the redirect.
    pub fn location(&self) -> Url {
        let location = self.headers.get(LOCATION);
        let location = location.unwrap_or_else(|| panic!("no redirect: {self:?}"));
        self.url.join(location.to_str().unwrap()).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The member `code` of an error.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it sets a session cookie.
    pub fn sets_session_cookie(&self) -> bool {
        let cookies = self.headers.get_all(SET_COOKIE).iter();
        cookies.filter_map(|cookie| cookie.to_str().ok()).any(|cookie| {
            cookie.contains("portico_session=") && !cookie.contains("portico_session=;")
        })
    }
}
