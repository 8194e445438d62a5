//! A provider under test and a fake identity provider whose responses can be overridden by path.

use std::{
    collections::HashMap,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use portico_domain::{
    login::LoginSecrets,
    ports::Prompt,
    provider::{ClientAuthentication, Endpoints, PlainEndpoints, ScopeSeparator, TokenEncoding},
    secret::{AuthorizationCode, Nonce, PkceVerifier},
    testing::{CountingEntropy, FakeClock},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

use super::*;
use crate::testing::{Answer, Received, RsaKey, Server, http, token};

mod client;
mod credentials;
mod kept;
mod plain;
mod pushed;
mod refresh;
mod sign_in;
mod tokens;

const NOW: u64 = 1_000_000;
const DISCOVERY: &str =
    "/7f7a0000-0000-4000-8000-00000000000a/v2.0/.well-known/openid-configuration";

/// A faulty response and the code of the resulting error.
type Case = (fn(&Received) -> Answer, &'static str);
type Fault = Box<dyn Fn(&Received) -> Answer + Send + Sync>;

/// A fake of Entra ID.
#[derive(Default)]
struct Entra {
    /// Responses that replace the correct ones, by path.
    faults: Mutex<HashMap<&'static str, Fault>>,
    /// The key id in the headers of its ID tokens.
    kid: Mutex<String>,
    /// The published keys.
    published: Mutex<Vec<Value>>,
    tokens: AtomicU32,
}

impl Entra {
    fn answer(&self, key: &RsaKey, request: &Received) -> Answer {
        let path = request.path.as_str();
        if let Some(fault) = self.faults.lock().unwrap().get(path) {
            return fault(request);
        }
        let base = format!("http://{}", request.headers["host"].to_str().unwrap());
        match path {
            DISCOVERY => Answer::json(discovery(&base)),
            "/keys" => Answer::json(json!({"keys": *self.published.lock().unwrap()})),
            "/token" => Answer::json(self.token(key, &base, request)),
            _ => Answer::status(404),
        }
    }

    fn token(&self, key: &RsaKey, base: &str, request: &Received) -> Value {
        let number = self.tokens.fetch_add(1, SeqCst);
        let mut reply = json!({
            "token_type": "Bearer", "access_token": format!("access-{number}"),
            "expires_in": 3600,
        });
        if request.field("grant_type").as_deref() == Some("authorization_code") {
            let claims = json!({
                "iss": format!("{base}/7f7a0000-0000-4000-8000-00000000000a/v2.0"), "aud": "portico", "sub": "zofia",
                "tid": "7f7a0000-0000-4000-8000-00000000000a", "nonce": "nonce", "iat": NOW, "exp": NOW + 1_000_000,
            });
            reply["id_token"] = token(key, &self.kid.lock().unwrap(), &claims).into();
            reply["refresh_token"] = "refresh".into();
            reply["scope"] = "openid cloud/.default".into();
        }
        reply
    }
}

fn discovery(base: &str) -> Value {
    json!({
        "issuer": format!("{base}/7f7a0000-0000-4000-8000-00000000000a/v2.0"),
        "authorization_endpoint": format!("{base}/authorize?flight=1"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"),
        "end_session_endpoint": format!("{base}/logout"),
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The provider under test and its fake identity provider.
struct Fixture {
    provider: Arc<OpenIdProvider>,
    clock: Arc<FakeClock>,
    entra: Arc<Entra>,
    server: Server,
    key: Arc<RsaKey>,
    sign_in: SignIn,
}

impl Fixture {
    async fn new() -> Self {
        static KEY: LazyLock<Arc<RsaKey>> = LazyLock::new(|| Arc::new(RsaKey::generate()));
        let (entra, key) = (Arc::new(Entra::default()), KEY.clone());
        let (answering, signing) = (entra.clone(), key.clone());
        let server = Server::start(move |request| answering.answer(&signing, request)).await;
        let clock = Arc::new(FakeClock::at(NOW));
        let provider = Arc::new(provider(&clock, Some("s3cret &+")));
        let sign_in = SignIn {
            endpoints: Endpoints::OpenId(server.at("/7f7a0000-0000-4000-8000-00000000000a/v2.0")),
            tenant_claim: Some("tid".into()),
            scopes: vec!["cloud/.default".into(), "openid".into()],
            scope_separator: ScopeSeparator::Space,
            parameters: vec![],
            token_encoding: TokenEncoding::Form,
            client_authentication: ClientAuthentication::Post,
            token_reply: vec![],
            user_records: vec![],
        };
        let fixture = Self { provider, clock, entra, server, key, sign_in };
        fixture.rotate("1");
        fixture
    }

    /// Publishes the key under this `kid` only, and signs with it.
    fn rotate(&self, kid: &str) {
        self.sign_as(kid);
        *self.entra.published.lock().unwrap() = vec![self.key.jwk(kid)];
    }

    fn sign_as(&self, kid: &str) {
        *self.entra.kid.lock().unwrap() = kid.into();
    }

    /// Replaces the response at `path`.
    fn respond(
        &self,
        path: &'static str,
        fault: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) {
        self.entra.faults.lock().unwrap().insert(path, Box::new(fault));
    }

    fn clear_faults(&self) {
        self.entra.faults.lock().unwrap().clear();
    }

    async fn redeem(&self) -> Result<SignedIn, IdentityProviderError> {
        self.provider.redeem(&self.sign_in, redemption()).await
    }

    async fn authorization(&self) -> Result<Authorization, IdentityProviderError> {
        authorization(&self.provider, &self.sign_in).await
    }

    async fn application_token(&self) -> Result<AccessToken, IdentityProviderError> {
        self.provider.application_token(&self.sign_in, &["cloud/.default".into()]).await
    }
}

fn provider(clock: &Arc<FakeClock>, secret: Option<&str>) -> OpenIdProvider {
    OpenIdProvider::new(http(), clock.clone(), "portico", secret.map(ClientSecret::new))
}

fn redemption() -> Redemption {
    Redemption {
        code: AuthorizationCode::new("the-code"),
        verifier: PkceVerifier::new("the-verifier"),
        nonce: Nonce::new("nonce"),
        redirect_uri: Url::parse("http://localhost:5000/getAToken").unwrap(),
    }
}

async fn authorization(
    provider: &OpenIdProvider,
    sign_in: &SignIn,
) -> Result<Authorization, IdentityProviderError> {
    let secrets = LoginSecrets::draw(&CountingEntropy::default());
    let redirect_uri = Url::parse("http://localhost:5000/getAToken").unwrap();
    let request = AuthorizationRequest {
        secrets: &secrets,
        redirect_uri: &redirect_uri,
        login_hint: Some("zofia@contoso.example"),
        prompt: Some(Prompt::SelectAccount),
        claims: Some(r#"{"access_token":{"acrs":{"value":"c1"}}}"#),
    };
    provider.authorization(sign_in, request).await
}

/// The code of the failed check, or of the kind of the error.
fn code<T: std::fmt::Debug>(result: Result<T, IdentityProviderError>) -> &'static str {
    match result.unwrap_err() {
        IdentityProviderError::InvalidResponse { check, .. }
        | IdentityProviderError::ClockDiffers { check, .. } => check.as_str(),
        IdentityProviderError::Misconfigured(detail) => {
            let known = [
                "client_secret_missing",
                "client_authentication",
                "discovery_absent",
                "discovery_issuer",
            ];
            known.into_iter().find(|word| detail.starts_with(word)).unwrap_or("misconfigured")
        }
        IdentityProviderError::Refused { .. } => "refused",
        IdentityProviderError::Unreachable(_) => "unreachable",
        IdentityProviderError::TimedOut(_) => "timed out",
    }
}
