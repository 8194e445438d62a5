//! What must hold of every refusal, asserted in one place: status, stable word, no session given,
//! none begun and none lost, one log line that names the check, and nobody else asked where the row
//! says so.

use std::sync::atomic::{AtomicUsize, Ordering};

use portico_e2e::{
    Answer, Browser, Emulator, Fault, FaultKind, Target, World, assert_refused, hint, personas,
    world_of,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

/// How Portico must refuse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    /// What the log must say of the failure's cause.
    check: &'static str,
    /// Whether no provider may hear of it.
    silent: bool,
}

impl Refusal {
    /// With this status and stable word.
    pub(crate) const fn new(status: u16, code: &'static str) -> Self {
        Self { status, code, check: "", silent: false }
    }

    /// By this check, which the log names.
    pub(crate) const fn by(self, check: &'static str) -> Self {
        Self { check, ..self }
    }

    /// Without a request to any provider.
    pub(crate) const fn silently(self) -> Self {
        Self { silent: true, ..self }
    }
}

/// 400, and no code is redeemed.
pub(crate) const fn bad(code: &'static str) -> Refusal {
    Refusal::new(400, code).silently()
}

/// 502: the provider said something invalid_response, which this check found.
pub(crate) const fn invalid_response(check: &'static str) -> Refusal {
    Refusal::new(502, "provider_untrue").by(check)
}

/// A browser, and the session it has.
#[derive(Clone, Default)]
pub(crate) struct TestClient {
    pub(crate) browser: Browser,
    session: Option<Value>,
}

impl TestClient {
    /// Somebody who is signed in.
    pub(crate) async fn signed_in(scenario: &HostileScenario, user_name: &str) -> Self {
        let mut browser = Browser::default();
        let answer = browser.sign_in(scenario.base(), user_name).await;
        assert_eq!(answer.status, 302, "{answer:?}\n{}", scenario.world.portico.log());
        let session = known(&mut browser, scenario.base()).await;
        assert!(session.is_some(), "{user_name} is not signed in");
        Self { browser, session }
    }

    /// Signs in as Zofia, up to the callback's URL, which is not called.
    pub(crate) async fn at_callback(&mut self, scenario: &HostileScenario) -> Url {
        self.browser.up_to_callback(scenario.base(), &hint(personas::ZOFIA.user_name)).await
    }
}

/// Who is signed in with what, where somebody is.
async fn known(browser: &mut Browser, base: &str) -> Option<Value> {
    let answer = browser.session(base).await;
    let session = (answer.status == 200).then(|| answer.json())?;
    Some(json!({ "user": session["user"], "accounts": session["accounts"] }))
}

/// Portico before clouds that lie. Counts what was tried.
pub(crate) struct HostileScenario {
    pub(crate) world: World,
    tried: AtomicUsize,
}

impl HostileScenario {
    /// With these variables changed.
    pub(crate) async fn lay(variables: &[(&str, &str)]) -> Self {
        Self::lay_with(&[], variables).await
    }

    /// With these plug-ins too.
    pub(crate) async fn lay_with(plugins: &[&str], variables: &[(&str, &str)]) -> Self {
        Self { world: world_of(plugins, variables).await, tried: AtomicUsize::new(0) }
    }

    pub(crate) fn base(&self) -> &str {
        &self.world.portico.base
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        &self.world.emulator
    }

    /// Counts cases that were tried without [`HostileScenario::refused`].
    pub(crate) fn tried(&self, cases: usize) {
        self.tried.fetch_add(cases, Ordering::Relaxed);
    }

    /// How often a code was redeemed.
    pub(crate) fn redemptions(&self) -> usize {
        let requests = self.emulator().requests();
        requests.iter().filter(|it| it.grant_type.as_deref() == Some("authorization_code")).count()
    }

    /// Gets this, which must be refused.
    pub(crate) async fn refused(
        &self,
        visitor: &mut TestClient,
        url: impl AsRef<str>,
        expected: Refusal,
    ) -> Answer {
        self.refused_request(visitor, Method::GET, url, |request| request, expected).await
    }

    /// Sends this, which must be refused.
    pub(crate) async fn refused_request(
        &self,
        visitor: &mut TestClient,
        method: Method,
        url: impl AsRef<str>,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
        expected: Refusal,
    ) -> Answer {
        self.tried(1);
        let (url, heard) = (url.as_ref(), self.emulator().requests().len());
        let answer = visitor.browser.send(method, url, shape).await;
        self.is_as(&answer, expected).await;
        if expected.silent {
            let requests = self.emulator().requests();
            assert_eq!(requests.len(), heard, "{url} was heard of: {:?}", requests.last());
        }
        let session = known(&mut visitor.browser, self.base()).await;
        assert_eq!(session, visitor.session, "{url} changed the session");
        answer
    }

    /// Holds a refusal to its answer and its one line in the log.
    pub(crate) async fn is_as(&self, answer: &Answer, expected: Refusal) {
        let log = || self.world.portico.log();
        let url = &answer.url;
        assert_eq!(answer.status, expected.status, "{url}: {answer:?}\n{}", log());
        assert_refused(answer, expected.status, expected.code);
        let json = answer.json();
        let logged = self.world.portico.failure(json["correlation"].as_str().unwrap()).await;
        assert_eq!(logged.len(), 1, "{url}: {logged:?}");
        let fields = &logged[0]["fields"];
        let (status, code) = (fields["status"].as_u64(), fields["code"].as_str());
        let told = (Some(u64::from(expected.status)), Some(expected.code));
        assert_eq!((status, code), told, "{url}: {fields}");
        let detail = fields["detail"].as_str().unwrap();
        assert!(detail.contains(expected.check), "{url}: {detail:?} lacks {:?}", expected.check);
        assert!(!answer.body.contains("id_token_"), "{url} shows the log's words: {answer:?}");
    }

    /// Signs in while the token endpoint tells these lies, which must be refused.
    pub(crate) async fn lied(&self, lies: &[FaultKind], expected: Refusal) {
        let mut visitor = TestClient::default();
        let mut callback = visitor.at_callback(self).await;
        // Portico reads no fragment; it tells here which case fails.
        callback.set_fragment(Some(&format!("{lies:?}").chars().take(400).collect::<String>()));
        self.tell(Target::Token, lies);
        self.refused(&mut visitor, callback, expected).await;
        self.emulator().clear_faults();
    }

    /// Signs in while the token endpoint tells these lies, which harm nobody.
    pub(crate) async fn accepted(&self, lies: &[FaultKind]) {
        self.tried(1);
        let mut visitor = TestClient::default();
        let callback = visitor.at_callback(self).await;
        self.tell(Target::Token, lies);
        let answer = visitor.browser.get(callback).await;
        self.emulator().clear_faults();
        assert_eq!(answer.status, 302, "{lies:?}: {answer:?}\n{}", self.world.portico.log());
        assert_eq!(visitor.browser.session(self.base()).await.status, 200, "{lies:?}");
    }

    /// Lies until cleared; at the token endpoint about people's sign-ins alone.
    pub(crate) fn tell(&self, target: Target, lies: &[FaultKind]) {
        for lie in lies {
            let fault = Fault::always(target, lie.clone());
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

/// The URL with this parameter another, or gone.
pub(crate) fn with_parameter(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut changed = url.clone();
    let kept: Vec<_> = url.query_pairs().filter(|(key, _)| key != name).collect();
    let mut query = changed.query_pairs_mut();
    query.clear().extend_pairs(kept);
    if let Some(value) = value {
        query.append_pair(name, value);
    }
    drop(query);
    changed
}

/// A parameter's value.
pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("{url} has no {name}")).1.into_owned()
}

/// A claim of the ID token that is another.
pub(crate) fn claim(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetClaim { name: name.into(), value: value.into() }
}

/// A claim of the ID token that is not there.
pub(crate) fn no_claim(name: &str) -> FaultKind {
    FaultKind::Missing { name: name.into() }
}

/// A member of the ID token's header that is another.
pub(crate) fn header(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetHeader { name: name.into(), value: value.into() }
}

/// A member of a document that is another.
pub(crate) fn member(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetMember { name: name.into(), value: value.into() }
}
