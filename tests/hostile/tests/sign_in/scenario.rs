//! The scenario of the tests, and the assertions on every refusal: status, error code, an unchanged
//! session, one log line that names the check and, if expected, no request to a provider.

use std::sync::atomic::{AtomicUsize, Ordering};

use portico_e2e::{
    Browser, Emulator, Fault, FaultKind, Response, Target, World, assert_refused, hint, personas,
    world_with_plugins,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

/// An expected refusal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    /// A part of the logged detail.
    check: &'static str,
    /// Whether no provider may receive a request.
    silent: bool,
}

impl Refusal {
    /// A refusal with this status and error code.
    pub(crate) const fn new(status: u16, code: &'static str) -> Self {
        Self { status, code, check: "", silent: false }
    }

    /// The log names this check.
    pub(crate) const fn with_check(self, check: &'static str) -> Self {
        Self { check, ..self }
    }

    /// Without a request to any provider.
    pub(crate) const fn without_provider_request(self) -> Self {
        Self { silent: true, ..self }
    }
}

/// 400, and no code is redeemed.
pub(crate) const fn bad_request(code: &'static str) -> Refusal {
    Refusal::new(400, code).without_provider_request()
}

/// 502: the provider's response failed this check.
pub(crate) const fn invalid_response(check: &'static str) -> Refusal {
    Refusal::new(502, "provider_untrue").with_check(check)
}

/// A browser and the session that it is expected to have.
#[derive(Clone, Default)]
pub(crate) struct TestClient {
    pub(crate) browser: Browser,
    session: Option<Value>,
}

impl TestClient {
    /// Signs a user in.
    pub(crate) async fn signed_in(scenario: &HostileScenario, user_name: &str) -> Self {
        let mut browser = Browser::default();
        let response = browser.sign_in(scenario.base(), user_name).await;
        assert_eq!(response.status, 302, "{response:?}\n{}", scenario.world.portico.log());
        let session = session_view(&mut browser, scenario.base()).await;
        assert!(session.is_some(), "{user_name} is not signed in");
        Self { browser, session }
    }

    /// Signs in as Zofia, up to the callback's URL, which is not called.
    pub(crate) async fn at_callback(&mut self, scenario: &HostileScenario) -> Url {
        self.browser.up_to_callback(scenario.base(), &hint(personas::ZOFIA.user_name)).await
    }
}

/// The user and accounts of the browser's session, if it has one.
async fn session_view(browser: &mut Browser, base: &str) -> Option<Value> {
    let response = browser.session(base).await;
    let session = (response.status == 200).then(|| response.json())?;
    Some(json!({ "user": session["user"], "accounts": session["accounts"] }))
}

/// A running Portico with emulated clouds into which faults are injected. Counts the cases tried.
pub(crate) struct HostileScenario {
    pub(crate) world: World,
    tried: AtomicUsize,
}

impl HostileScenario {
    /// Starts Portico with these environment variables.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_with_plugins(&[], variables).await
    }

    /// Starts Portico with these plug-ins and environment variables.
    pub(crate) async fn start_with_plugins(plugins: &[&str], variables: &[(&str, &str)]) -> Self {
        Self { world: world_with_plugins(plugins, variables).await, tried: AtomicUsize::new(0) }
    }

    pub(crate) fn base(&self) -> &str {
        &self.world.portico.base
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        &self.world.emulator
    }

    /// Counts cases that were tried without [`HostileScenario::assert_refused`].
    pub(crate) fn tried(&self, cases: usize) {
        self.tried.fetch_add(cases, Ordering::Relaxed);
    }

    /// The number of code redemptions.
    pub(crate) fn redemptions(&self) -> usize {
        let requests = self.emulator().requests();
        requests.iter().filter(|it| it.grant_type.as_deref() == Some("authorization_code")).count()
    }

    /// Sends a GET request that must be refused.
    pub(crate) async fn assert_refused(
        &self,
        client: &mut TestClient,
        url: impl AsRef<str>,
        expected: Refusal,
    ) -> Response {
        self.assert_request_refused(client, Method::GET, url, |request| request, expected).await
    }

    /// Sends a request that must be refused.
    pub(crate) async fn assert_request_refused(
        &self,
        client: &mut TestClient,
        method: Method,
        url: impl AsRef<str>,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
        expected: Refusal,
    ) -> Response {
        self.tried(1);
        let (url, before) = (url.as_ref(), self.emulator().requests().len());
        let response = client.browser.send(method, url, shape).await;
        self.assert_refusal(&response, expected).await;
        if expected.silent {
            let requests = self.emulator().requests();
            assert_eq!(requests.len(), before, "{url} caused a request: {:?}", requests.last());
        }
        let session = session_view(&mut client.browser, self.base()).await;
        assert_eq!(session, client.session, "{url} changed the session");
        response
    }

    /// Asserts on the response of a refusal and its log line.
    pub(crate) async fn assert_refusal(&self, response: &Response, expected: Refusal) {
        let log = || self.world.portico.log();
        let url = &response.url;
        assert_eq!(response.status, expected.status, "{url}: {response:?}\n{}", log());
        assert_refused(response, expected.status, expected.code);
        let json = response.json();
        let logged = self.world.portico.failure(json["correlation"].as_str().unwrap()).await;
        assert_eq!(logged.len(), 1, "{url}: {logged:?}");
        let fields = &logged[0]["fields"];
        let (status, code) = (fields["status"].as_u64(), fields["code"].as_str());
        let expected_fields = (Some(u64::from(expected.status)), Some(expected.code));
        assert_eq!((status, code), expected_fields, "{url}: {fields}");
        let detail = fields["detail"].as_str().unwrap();
        assert!(detail.contains(expected.check), "{url}: {detail:?} lacks {:?}", expected.check);
        assert!(!response.body.contains("id_token_"), "{url} exposes the check: {response:?}");
    }

    /// Signs in with these faults at the token endpoint; the login must be refused.
    pub(crate) async fn assert_login_refused(&self, faults: &[FaultKind], expected: Refusal) {
        let mut client = TestClient::default();
        let mut callback = client.at_callback(self).await;
        // Ignored by Portico; shows the faults in a failing assertion.
        callback.set_fragment(Some(&format!("{faults:?}").chars().take(400).collect::<String>()));
        self.inject(Target::Token, faults);
        self.assert_refused(&mut client, callback, expected).await;
        self.emulator().clear_faults();
    }

    /// Signs in with these faults at the token endpoint; the login must succeed.
    pub(crate) async fn assert_login_accepted(&self, faults: &[FaultKind]) {
        self.tried(1);
        let mut client = TestClient::default();
        let callback = client.at_callback(self).await;
        self.inject(Target::Token, faults);
        let response = client.browser.get(callback).await;
        self.emulator().clear_faults();
        assert_eq!(response.status, 302, "{faults:?}: {response:?}\n{}", self.world.portico.log());
        assert_eq!(client.browser.session(self.base()).await.status, 200, "{faults:?}");
    }

    /// Injects faults until they are cleared; at the token endpoint for code redemptions only.
    pub(crate) fn inject(&self, target: Target, faults: &[FaultKind]) {
        for fault in faults {
            let fault = Fault::always(target, fault.clone());
            let is_token = target == Target::Token;
            let fault = if is_token { fault.for_grant("authorization_code") } else { fault };
            self.emulator().fault(fault);
        }
    }
}

impl Drop for HostileScenario {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            portico_hostile::tried(self.tried.load(Ordering::Relaxed));
        }
    }
}

/// The URL with this query parameter replaced or removed.
pub(crate) fn with_parameter(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut changed = url.clone();
    let others: Vec<_> = url.query_pairs().filter(|(key, _)| key != name).collect();
    let mut query = changed.query_pairs_mut();
    query.clear().extend_pairs(others);
    if let Some(value) = value {
        query.append_pair(name, value);
    }
    drop(query);
    changed
}

/// The value of a query parameter.
pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("{url} has no {name}")).1.into_owned()
}

/// Replaces a claim of the ID token.
pub(crate) fn claim(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetClaim { name: name.into(), value: value.into() }
}

/// Removes a claim of the ID token.
pub(crate) fn no_claim(name: &str) -> FaultKind {
    FaultKind::Missing { name: name.into() }
}

/// Replaces a member of the ID token's header.
pub(crate) fn header(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetHeader { name: name.into(), value: value.into() }
}

/// Replaces a member of a document.
pub(crate) fn member(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetMember { name: name.into(), value: value.into() }
}
