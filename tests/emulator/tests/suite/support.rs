//! A minimal relying party.

use std::collections::HashMap;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use portico_emulator::personas::{APPLICATION, CONTOSO, ZOFIA};
use portico_emulator::{Emulator, Options, Person};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;
use url::Url;

pub(crate) const CALLBACK: &str = "http://localhost:9/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B: the challenge of [`VERIFIER`].
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";

/// Request parameters.
pub(crate) type Fields = HashMap<String, String>;

pub(crate) fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// An emulator and an HTTP client.
pub(crate) struct RelyingParty {
    pub(crate) emulator: Emulator,
    pub(crate) http: Client,
}

impl RelyingParty {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let emulator = Emulator::start(options).await.unwrap();
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { emulator, http }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.emulator.http_url().join(path).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    /// The scope of this emulator's Resource Manager.
    pub(crate) fn arm(&self, permission: &str) -> String {
        format!("{}{permission}", self.emulator.http_url())
    }

    /// An authorization request like Portico's, with a person's login hint.
    pub(crate) fn request(&self, person: &Person) -> Fields {
        let scope =
            format!("openid profile email offline_access {}", self.arm("user_impersonation"));
        fields([
            ("client_id", APPLICATION.client_id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", &scope),
            ("state", "a state & more"),
            ("nonce", NONCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("login_hint", person.user_name),
        ])
    }

    pub(crate) async fn authorize(&self, tenant: &str, request: &Fields) -> Response {
        let url = self.url(&format!("{tenant}/oauth2/v2.0/authorize"));
        self.http.get(url).query(request).send().await.unwrap()
    }

    /// The parameters of the authorization response.
    pub(crate) async fn callback(&self, tenant: &str, request: &Fields) -> Fields {
        redirect_params(&self.authorize(tenant, request).await)
    }

    pub(crate) async fn code(&self, tenant: &str, person: &Person) -> String {
        self.callback(tenant, &self.request(person)).await["code"].clone()
    }

    pub(crate) async fn post_token(&self, tenant: &str, form: &Fields) -> Response {
        let url = self.url(&format!("{tenant}/oauth2/v2.0/token"));
        self.http.post(url).form(form).send().await.unwrap()
    }

    /// The status and the JSON of a token request.
    pub(crate) async fn token(&self, tenant: &str, form: &Fields) -> (u16, Value) {
        let response = self.post_token(tenant, form).await;
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The token response for a person in a tenant; `organizations` is their home tenant.
    pub(crate) async fn sign_in(&self, tenant: &str, person: &Person) -> Value {
        let code = self.code(tenant, person).await;
        let (status, tokens) = self.token(tenant, &code_request(&code)).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// The ID token of Zofia Nowak, with the injected faults.
    pub(crate) async fn id_token(&self) -> String {
        self.sign_in("organizations", &ZOFIA).await["id_token"].as_str().unwrap().to_owned()
    }

    /// The application's access token for Resource Manager in a tenant.
    pub(crate) async fn application_token(&self, tenant: &str) -> String {
        let (status, tokens) = self.token(tenant, &self.client_credentials()).await;
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn client_credentials(&self) -> Fields {
        fields([
            ("grant_type", "client_credentials"),
            ("client_id", APPLICATION.client_id),
            ("client_secret", APPLICATION.client_secret),
            ("scope", &self.arm(".default")),
        ])
    }

    pub(crate) async fn arm_get(&self, url: &str, token: &str) -> Response {
        self.http.get(self.url(url)).bearer_auth(token).send().await.unwrap()
    }

    /// The pages of a listing, each as its display names.
    pub(crate) async fn pages(&self, path: &str, token: &str) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(url) = next {
            let page: Value = self.arm_get(&url, token).await.json().await.unwrap();
            let items = page["value"].as_array().unwrap();
            pages.push(
                items.iter().map(|item| item["displayName"].as_str().unwrap().to_owned()).collect(),
            );
            next = page["nextLink"].as_str().map(str::to_owned);
        }
        pages
    }

    /// Verifies an ID token, except issuer and nonce.
    pub(crate) async fn verify(&self, id_token: &str) -> jsonwebtoken::errors::Result<Value> {
        let keys: JwkSet =
            self.get(&format!("{}/discovery/v2.0/keys", CONTOSO.id)).await.json().await.unwrap();
        let kid = decode_header(id_token)?.kid.unwrap_or_default();
        let key = keys.find(&kid).ok_or(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[APPLICATION.client_id]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        Ok(decode(id_token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
    }
}

/// The query parameters of a redirect to [`CALLBACK`].
pub(crate) fn redirect_params(response: &Response) -> Fields {
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(CALLBACK), "{location}");
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

pub(crate) fn code_request(code: &str) -> Fields {
    fields([
        ("grant_type", "authorization_code"),
        ("client_id", APPLICATION.client_id),
        ("client_secret", APPLICATION.client_secret),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", code),
    ])
}

pub(crate) fn refresh_request(tokens: &Value) -> Fields {
    fields([
        ("grant_type", "refresh_token"),
        ("client_id", APPLICATION.client_id),
        ("client_secret", APPLICATION.client_secret),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ])
}

/// Decodes one part of a JWS without verification.
pub(crate) fn part(token: &str, at: usize) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(at).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// Asserts an OAuth error, its status and its AADSTS number.
pub(crate) fn assert_refused(
    (status, body): &(u16, Value),
    expected: u16,
    error: &str,
    number: u32,
) {
    assert_eq!((*status, body["error"].as_str()), (expected, Some(error)), "{body}");
    assert_eq!(body["error_codes"], serde_json::json!([number]), "{body}");
    let description = body["error_description"].as_str().unwrap();
    assert!(description.starts_with(&format!("AADSTS{number}: ")), "{description}");
    for member in ["timestamp", "trace_id", "correlation_id"] {
        assert!(body[member].is_string(), "{member} in {body}");
    }
}
