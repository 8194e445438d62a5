//! A client of every cloud.

use portico_emulator::{Cloud, Person};
use reqwest::{RequestBuilder, Response};
use serde_json::{Map, Value};

use crate::support::{
    CALLBACK, CHALLENGE, Fields, NONCE, RelyingParty, VERIFIER, fields, redirect_params,
};

/// Paths and scope with which a client is configured.
struct ClientConfig {
    authorize: &'static str,
    token: &'static str,
    listing: &'static str,
    scope: &'static str,
}

const fn client_config(
    authorize: &'static str,
    token: &'static str,
    listing: &'static str,
    scope: &'static str,
) -> ClientConfig {
    ClientConfig { authorize, token, listing, scope }
}

fn config_of(cloud: Cloud) -> ClientConfig {
    match cloud {
        Cloud::Google => client_config(
            "/o/oauth2/v2/auth",
            "/token",
            "/v3/projects:search",
            "openid email profile https://www.googleapis.com/auth/cloud-platform.read-only",
        ),
        Cloud::Aws => {
            client_config("/authorize", "/token", "/assignment/accounts", "sso:account:access")
        }
        Cloud::GitHub => client_config(
            "/login/oauth/authorize",
            "/login/oauth/access_token",
            "/api/user/orgs",
            "read:user read:org",
        ),
        Cloud::DigitalOcean => {
            client_config("/v1/oauth/authorize", "/v1/oauth/token", "/v2/projects", "read")
        }
        Cloud::Oidc => client_config(
            "/authorize",
            "/token",
            "/api/environments",
            "openid email profile offline_access",
        ),
        Cloud::GitLab => client_config(
            "/oauth/authorize",
            "/oauth/token",
            "/api/v4/groups",
            "openid email profile read_api",
        ),
        Cloud::Heroku => {
            client_config("/oauth/authorize", "/oauth/token", "/teams", "identity read")
        }
    }
}

/// The token request of a code.
pub(crate) fn code_request(cloud: Cloud, code: &str) -> Fields {
    fields([
        ("grant_type", "authorization_code"),
        ("client_id", cloud.client().client_id),
        ("client_secret", cloud.client().client_secret),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", code),
    ])
}

/// The token request of a refresh token.
pub(crate) fn refresh_request(cloud: Cloud, refresh_token: &str) -> Fields {
    fields([
        ("grant_type", "refresh_token"),
        ("client_id", cloud.client().client_id),
        ("client_secret", cloud.client().client_secret),
        ("refresh_token", refresh_token),
    ])
}

/// The error code of a response; Heroku calls the member `id`.
pub(crate) fn error(body: &Value) -> &str {
    body["error"].as_str().or(body["id"].as_str()).unwrap_or_default()
}

/// A member of a token response by its OAuth name, also in AWS's camel case.
pub(crate) fn member<'a>(tokens: &'a Value, name: &str) -> Option<&'a str> {
    tokens[name].as_str().or(tokens[camel(name)].as_str())
}

pub(crate) fn access_token(tokens: &Value) -> &str {
    member(tokens, "access_token").unwrap()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

impl RelyingParty {
    /// The URL of a path under a cloud.
    pub(crate) fn at(&self, cloud: Cloud, path: &str) -> String {
        format!("{}{path}", cloud.url(self.emulator.http_url()))
    }

    pub(crate) fn listing(&self, cloud: Cloud) -> String {
        self.at(cloud, config_of(cloud).listing)
    }

    /// An authorization request like Portico's, with a person's login hint.
    pub(crate) fn cloud_request(&self, cloud: Cloud, person: &Person) -> Fields {
        let scope = if cloud == Cloud::Aws { "scopes" } else { "scope" };
        let hint = if cloud == Cloud::GitHub { "login" } else { "login_hint" };
        fields([
            ("client_id", cloud.client().client_id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            (scope, config_of(cloud).scope),
            ("state", "a state & more"),
            ("nonce", NONCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("access_type", "offline"),
            (hint, person.user_name),
        ])
    }

    pub(crate) async fn cloud_authorize(&self, cloud: Cloud, request: &Fields) -> Response {
        let url = self.at(cloud, config_of(cloud).authorize);
        self.http.get(url).query(request).send().await.unwrap()
    }

    pub(crate) async fn cloud_callback(&self, cloud: Cloud, request: &Fields) -> Fields {
        redirect_params(&self.cloud_authorize(cloud, request).await)
    }

    pub(crate) async fn cloud_code(&self, cloud: Cloud, person: &Person) -> String {
        self.cloud_callback(cloud, &self.cloud_request(cloud, person)).await["code"].clone()
    }

    pub(crate) fn cloud_token_request(&self, cloud: Cloud, form: &Fields) -> RequestBuilder {
        let request = self.http.post(self.at(cloud, config_of(cloud).token));
        if cloud != Cloud::Aws {
            return request.header("accept", "application/json").form(form);
        }
        let body: Map<String, Value> =
            form.iter().map(|(name, value)| (camel(name), value.as_str().into())).collect();
        request.json(&body)
    }

    /// The status and the JSON of a token request.
    pub(crate) async fn cloud_token(&self, cloud: Cloud, form: &Fields) -> (u16, Value) {
        let response = self.cloud_token_request(cloud, form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn cloud_sign_in(&self, cloud: Cloud, person: &Person) -> Value {
        let code = self.cloud_code(cloud, person).await;
        let (status, tokens) = self.cloud_token(cloud, &code_request(cloud, &code)).await;
        assert_eq!((status, error(&tokens)), (200, ""), "{tokens}");
        tokens
    }

    /// A call to a cloud's API with every required header.
    pub(crate) fn call(&self, cloud: Cloud, url: &str, token: &str) -> RequestBuilder {
        let request = self.http.get(url);
        match cloud {
            Cloud::Aws => request.header("x-amz-sso_bearer_token", token),
            Cloud::GitHub => request.bearer_auth(token).header("user-agent", "portico"),
            Cloud::Heroku => {
                let version = "application/vnd.heroku+json; version=3";
                request.bearer_auth(token).header("accept", version)
            }
            _ => request.bearer_auth(token),
        }
    }

    pub(crate) async fn call_json(&self, cloud: Cloud, path: &str, token: &str) -> Value {
        let url = self.at(cloud, path);
        let response = self.call(cloud, &url, token).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// The status of a listing request.
    pub(crate) async fn listing_status(&self, cloud: Cloud, token: &str) -> u16 {
        let call = self.call(cloud, &self.listing(cloud), token);
        call.send().await.unwrap().status().as_u16()
    }
}
