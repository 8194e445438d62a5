//! An HTTP client with the cookies of a browser. It follows no redirect by itself.

use std::collections::BTreeMap;

use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{COOKIE, SET_COOKIE},
    redirect::Policy,
};
use url::Url;

use crate::response::Response;

/// An HTTP client that keeps cookies by origin.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Headers that name the page on which a login begins.
    login_headers: Vec<(&'static str, String)>,
}

impl Default for Browser {
    fn default() -> Self {
        // No test uses TLS here, and reading the system's certificates is slow.
        let client = Client::builder().tls_certs_only([]);
        let client = client.redirect(Policy::none()).no_proxy().build().unwrap();
        let login_headers = vec![("sec-fetch-site", "same-origin".to_owned())];
        Self { client, cookies: BTreeMap::new(), login_headers }
    }
}

impl Browser {
    /// Sends a GET request.
    pub async fn get(&mut self, url: impl AsRef<str>) -> Response {
        self.send(Method::GET, url.as_ref(), |request| request).await
    }

    /// Sends a POST request with this `Origin`.
    pub async fn post(&mut self, url: &str, origin: &str) -> Response {
        self.send(Method::POST, url, |request| request.header("origin", origin)).await
    }

    /// Sends a request, changed by `shape`, with the cookies of its origin.
    pub async fn send(
        &mut self,
        method: Method,
        url: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Response {
        let (url, response) = self.head(method, url, shape).await;
        let (status, headers) = (response.status(), response.headers().clone());
        Response { url, status, headers, body: response.text().await.unwrap() }
    }

    /// Sends a request with these headers.
    pub async fn send_with(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Response {
        let shape = |request: RequestBuilder| {
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        };
        self.send(method, url, shape).await
    }

    /// Sends a GET request and returns the response before its body, which may be endless.
    pub async fn open(&mut self, url: &str) -> reqwest::Response {
        self.head(Method::GET, url, |request| request).await.1
    }

    async fn head(
        &mut self,
        method: Method,
        url: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> (Url, reqwest::Response) {
        let url = Url::parse(url).unwrap();
        let origin = url.origin().ascii_serialization();
        let jar = self.cookies.entry(origin).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.client.request(method, url.clone());
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let response = shape(request).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            store_cookie(jar, cookie.to_str().unwrap());
        }
        (url, response)
    }

    /// Sets the headers with which logins begin. `Sec-Fetch-Site` and `Referer` name the page; the
    /// default is a page of Portico's.
    pub fn set_login_headers(&mut self, headers: &[(&'static str, &str)]) -> &mut Self {
        let owned = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        self.login_headers = owned.collect();
        self
    }

    /// Begins a login with this provider, with the headers of [`Browser::set_login_headers`].
    pub async fn begin(&mut self, base: &str, provider: &str, query: &str) -> Response {
        let headers = self.login_headers.clone();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let url = format!("{base}/api/login/{provider}?{query}");
        self.send_with(Method::GET, &url, &headers).await
    }

    /// Begins a login with Azure, signs in at the emulator as the persona of `login_hint`, and returns
    /// the URL of the callback without requesting it.
    pub async fn up_to_callback(&mut self, base: &str, query: &str) -> Url {
        self.up_to_callback_of(base, "azure", query).await
    }

    /// As [`Browser::up_to_callback`], with this provider.
    pub async fn up_to_callback_of(&mut self, base: &str, provider: &str, query: &str) -> Url {
        let redirect = self.begin(base, provider, query).await;
        assert_eq!(redirect.status, StatusCode::FOUND, "{redirect:?}");
        let signed_in = self.get(redirect.location()).await;
        assert_eq!(signed_in.status.as_u16() / 100, 3, "{signed_in:?}");
        signed_in.location()
    }

    /// Signs in as this persona and returns the response to the callback.
    pub async fn sign_in(&mut self, base: &str, user_name: &str) -> Response {
        let callback = self.up_to_callback(base, &format!("login_hint={user_name}")).await;
        self.get(callback).await
    }

    /// Signs in as this persona with this provider. Returns the response to the callback or, if the
    /// login did not begin, the response to its begin.
    pub async fn sign_in_with(&mut self, base: &str, provider: &str, user_name: &str) -> Response {
        let redirect = self.begin(base, provider, &format!("login_hint={user_name}")).await;
        if redirect.status != StatusCode::FOUND {
            return redirect;
        }
        let callback = self.get(redirect.location()).await.location();
        self.get(callback).await
    }

    /// Signs out everywhere.
    pub async fn sign_out_everywhere(&mut self, base: &str) -> Response {
        let url = format!("{base}/api/logout");
        let everywhere = |request: RequestBuilder| {
            request.header("origin", base).body(r#"{"everywhere": true}"#)
        };
        self.send(Method::POST, &url, everywhere).await
    }

    /// The session once no list of it is under way: on a busy machine a login may not wait for its own.
    pub async fn session(&mut self, base: &str) -> Response {
        for _ in 0..6_000 {
            let session = self.session_now(base).await;
            if !session.body.contains(r#""listing":"in_progress""#) {
                return session;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("a list is under way without end");
    }

    /// Requests `/api/session`.
    pub async fn session_now(&mut self, base: &str) -> Response {
        self.get(format!("{base}/api/session")).await
    }

    /// The value of a cookie that `base` has set.
    pub fn cookie(&self, base: &str, name: &str) -> Option<String> {
        let origin = Url::parse(base).unwrap().origin().ascii_serialization();
        self.cookies.get(&origin)?.get(name).cloned()
    }

    /// Names and values of the cookies of `base` whose names have this prefix.
    pub fn cookies_named(&self, base: &str, prefix: &str) -> Vec<(String, String)> {
        let origin = Url::parse(base).unwrap().origin().ascii_serialization();
        let jar = self.cookies.get(&origin).into_iter().flatten();
        let named = jar.filter(|(name, _)| name.starts_with(prefix));
        named.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Sets a cookie by hand.
    pub fn set_cookie(&mut self, base: &str, name: &str, value: &str) {
        let origin = Url::parse(base).unwrap().origin().ascii_serialization();
        self.cookies.entry(origin).or_default().insert(name.to_owned(), value.to_owned());
    }
}

fn store_cookie(jar: &mut BTreeMap<String, String>, cookie: &str) {
    let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
    let (name, value) = pair.split_once('=').unwrap();
    if attributes.contains("Max-Age=0") {
        jar.remove(name);
    } else {
        jar.insert(name.to_owned(), value.to_owned());
    }
}
