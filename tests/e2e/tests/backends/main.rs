//! The backends of protected apps: token exchange and introspection, with the test as the backend.
//!
//! * `exchange.rs`: tokens that a backend gets;
//! * `refusals.rs`: tokens that it does not get;
//! * `clients.rs`: how it authenticates;
//! * `introspection.rs`: introspection and metadata;
//! * `samples.rs`: the backends of docs/samples.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod exchange;
mod introspection;
mod refusals;
mod samples;

use std::net::Ipv4Addr;

use portico_e2e::{AppHost, AppWorld, Browser, Emulator, Options, Response, app_table, personas};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

const COSTS: &str = "https://costs.example";
const REPORTS: &str = "https://reports.example";

/// The secret of the app `costs`, and its hash.
const SECRET: &str = "secret";
const HASH: &str = "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

/// The secret of the app `reports`, and its hash.
const REPORTS_SECRET: &str = "other";
const REPORTS_HASH: &str =
    "sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A Portico with the apps `costs` and `reports`, whose backends may get tokens of Azure.
struct World {
    inner: AppWorld,
    /// The address of Resource Manager.
    resource: String,
}

impl World {
    async fn new() -> Self {
        Self::with("", &[]).await
    }

    /// With more keys of the exchange of `costs`, and environment variables.
    async fn with(more: &str, variables: &[(&str, &str)]) -> Self {
        let https = Some((Ipv4Addr::LOCALHOST, 0).into());
        let emulator = Emulator::start(Options { https, ..Options::default() }).await.unwrap();
        let resource = emulator.http_url().as_str().trim_end_matches('/').to_owned();
        let costs = app_table("costs", COSTS, &backend(HASH, &resource, more));
        let reports = app_table("reports", REPORTS, &backend(REPORTS_HASH, &resource, ""));
        let apps = format!("{costs}{reports}");
        let inner = AppWorld::of(emulator, &apps, variables).await;
        Self { inner, resource }
    }

    fn base(&self) -> &str {
        self.inner.base()
    }

    /// Posts a form to Portico; without credentials if they are `None`.
    async fn post(
        &self,
        path: &str,
        credentials: Option<(&str, &str)>,
        form: &[(&str, &str)],
    ) -> Response {
        let url = format!("{}{path}", self.base());
        let (kind, body) = ("application/x-www-form-urlencoded", encoded(form));
        send(Method::POST, &url, |request| {
            let request = request.header("content-type", kind).body(body);
            match credentials {
                Some((id, secret)) => request.basic_auth(id, Some(secret)),
                None => request,
            }
        })
        .await
    }

    /// Trades a JWT as the backend of `costs`, with more parameters.
    async fn exchange(&self, jwt: &str, more: &[(&str, &str)]) -> Response {
        self.exchange_as(("costs", SECRET), jwt, more).await
    }

    async fn exchange_as(
        &self,
        credentials: (&str, &str),
        jwt: &str,
        more: &[(&str, &str)],
    ) -> Response {
        let mut form = vec![
            ("grant_type", TOKEN_EXCHANGE),
            ("subject_token", jwt),
            ("subject_token_type", ACCESS_TOKEN),
            ("resource", &self.resource),
        ];
        for &(name, value) in more {
            form.retain(|(known, _)| *known != name);
            form.push((name, value));
        }
        self.post("/oauth2/token", Some(credentials), &form).await
    }

    /// Lists subscriptions at Resource Manager with a token.
    async fn subscriptions(&self, token: &str) -> Response {
        let url = format!("{}/subscriptions?api-version=2022-12-01", self.resource);
        send(Method::GET, &url, |request| request.bearer_auth(token)).await
    }
}

/// Sends one request, without cookies.
async fn send(
    method: Method,
    url: &str,
    shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> Response {
    Browser::default().send(method, url, shape).await
}

/// A form.
fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The keys of a backend with this secret, which may get tokens for this resource.
fn backend(hash: &str, resource: &str, more: &str) -> String {
    format!(
        "client_secret_hashes = [\"{hash}\"]\n[[apps.exchange]]\nprovider = \"azure\"\n\
         resource = \"{resource}\"\n{more}\n"
    )
}

/// Somebody who is signed in at Portico.
async fn signed_in(world: &World, user_name: &str) -> Browser {
    let mut person = Browser::default();
    person.sign_in(world.base(), user_name).await;
    person
}

async fn zofia(world: &World) -> Browser {
    signed_in(world, personas::ZOFIA.user_name).await
}

/// The session JWT that an app is sent with the requests of this person.
async fn jwt(world: &World, person: &mut Browser, origin: &str) -> String {
    let mut host = AppHost::new(&world.inner, origin);
    host.enter(person, "/").await;
    let allowed = host.ask("GET", "/", &[]).await;
    let value = allowed.headers.get("authorization").unwrap().to_str().unwrap();
    value.strip_prefix("Bearer ").unwrap().to_owned()
}

#[track_caller]
fn assert_refused(response: &Response, status: u16, error: &str) {
    let body = response.json();
    assert_eq!((response.status.as_u16(), &body["error"]), (status, &json!(error)), "{response:?}");
    assert!(body["error_description"].is_string(), "{body}");
    assert_eq!(response.headers["cache-control"], "no-store");
    assert_eq!(response.headers["content-type"], "application/json");
}
