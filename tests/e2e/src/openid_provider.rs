//! A certified OpenID provider, `oidc-provider` from npm, as the cloud of the plug-in `oidc`.
//!
//! It replaces refresh tokens at each use, and revokes a sign-in whose refresh token is used twice:
//! [`OpenIdProvider::state`] says whether that happened.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
};
use url::{Url, form_urlencoded};

use crate::{Browser, Response, Settings};

/// Timeout for Node to start on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How often it is started.
const START_TRIES: usize = 3;

/// Requests from the authorization request to the callback: two pages with their forms, and redirects.
const MAX_STEPS: usize = 12;

const CLIENT_ID: &str = "portico";
/// With characters that HTTP Basic authentication has to encode (RFC 6749 section 2.3.1).
const CLIENT_SECRET: &str = "certified~not.a.real-oidc_secret+0/8";

/// A running provider. It is killed when dropped; a failing test prints its log.
pub struct OpenIdProvider {
    /// Killed when dropped.
    _child: Child,
    log: watch::Receiver<Vec<String>>,
    /// The issuer, `http://127.0.0.1:PORT`.
    pub issuer: String,
}

/// What the provider observed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenIdProviderState {
    /// Number of refreshes that it answered with tokens.
    pub refreshes: u64,
    /// Why it refused the others.
    pub refused: Vec<String>,
    /// The sign-ins that have a refresh token, oldest first.
    pub families: Vec<TokenFamily>,
}

/// The refresh tokens of one sign-in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenFamily {
    /// Who signed in.
    pub account: String,
    /// Whether it can still be refreshed: the reuse of a refresh token ends that.
    pub alive: bool,
    /// Number of refresh tokens that can be used; 1 while it is alive.
    pub usable: u64,
}

impl OpenIdProvider {
    /// Starts it with this redirect URI of its client.
    pub async fn start(redirect_uri: &str) -> Self {
        Self::start_with(redirect_uri, json!({})).await
    }

    /// Starts it with more options, which the head of `tests/e2e/openid-provider/provider.js` lists.
    pub async fn start_with(redirect_uri: &str, mut options: Value) -> Self {
        let e2e = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = e2e.join("../../target/tools/openid-provider");
        assert!(
            modules.join("node_modules/oidc-provider").exists(),
            "oidc-provider is missing: scripts/setup test installs it"
        );
        options["redirectUris"] = json!([redirect_uri]);
        options["clientSecret"] = CLIENT_SECRET.into();
        // Node was seen to hang at its start on a busy machine.
        for _ in 0..START_TRIES {
            match Self::launch(&script(e2e), &modules, &options).await {
                Ok(provider) => return provider,
                Err(log) => eprintln!("oidc-provider did not start:\n{log}"),
            }
        }
        panic!("oidc-provider did not start");
    }

    /// Starts the program, and waits until it listens; its log if it does not.
    async fn launch(script: &Path, modules: &Path, options: &Value) -> Result<Self, String> {
        let mut child = Command::new("node")
            .args([script, modules])
            .arg(options.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is missing: scripts/setup test installs it");
        let (sender, mut log) = watch::channel(Vec::<String>::new());
        let (output, errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        tokio::spawn(async move {
            let (mut output, mut errors) =
                (BufReader::new(output).lines(), BufReader::new(errors).lines());
            while let Ok(Some(line)) = tokio::select! {
                line = output.next_line() => line,
                line = errors.next_line() => line,
            } {
                sender.send_modify(|lines| lines.push(line));
            }
        });
        let issuer = |lines: &Vec<String>| {
            lines.iter().find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        };
        let listens = log.wait_for(|lines| issuer(lines).is_some());
        let listens = tokio::time::timeout(START_TIMEOUT, listens).await.is_ok_and(|it| it.is_ok());
        let told = log.borrow().clone();
        match issuer(&told).filter(|_| listens) {
            Some(issuer) => Ok(Self { _child: child, log, issuer }),
            None => Err(told.join("\n")),
        }
    }

    /// The provider's log so far.
    pub fn log(&self) -> String {
        self.log.borrow().join("\n")
    }

    /// Configures Portico's plug-in `oidc` for it, with refresh tokens.
    pub fn configure(&self, settings: &mut Settings) {
        for (name, value) in [
            ("OIDC_ISSUER", self.issuer.as_str()),
            ("OIDC_CLIENT_ID", CLIENT_ID),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
            ("OIDC_ALLOWED_TENANTS", "*"),
            ("OIDC_SCOPES", "openid profile email offline_access"),
        ] {
            settings.set(name, value);
        }
    }

    /// Signs in to the Portico at `base` as this account, which need not exist, and returns the response
    /// to the callback.
    pub async fn sign_in(&self, browser: &mut Browser, base: &str, account: &str) -> Response {
        let begun = browser.begin(base, "oidc", "").await;
        let callback = self.authorize(browser, begun.location(), account).await;
        browser.get(callback).await
    }

    /// Signs in and consents as this account, and returns the redirect to the client.
    pub async fn authorize(&self, browser: &mut Browser, request: Url, account: &str) -> Url {
        let mut response = browser.get(request).await;
        for _ in 0..MAX_STEPS {
            if response.status.is_redirection() {
                let next = response.location();
                if !next.as_str().starts_with(&self.issuer) {
                    return next;
                }
                response = browser.get(next).await;
                continue;
            }
            let fields = if response.body.contains("name=\"login\"") {
                vec![("prompt", "login"), ("login", account), ("password", "any")]
            } else {
                vec![("prompt", "consent")]
            };
            let action =
                response.body.split_once("action=\"").and_then(|(_, it)| it.split_once('"'));
            let Some((action, _)) = action else { break };
            let action = response.url.join(action).unwrap();
            response = browser.send(Method::POST, action.as_str(), form(&fields)).await;
        }
        panic!("the sign-in did not reach the client: {response:?}\n{}", self.log());
    }

    /// Ends the browser's session at the provider, as its logout page does. The provider has sent its logout
    /// tokens when this returns.
    pub async fn end_session(&self, browser: &mut Browser) {
        let page = browser.get(format!("{}/session/end", self.issuer)).await;
        let value =
            page.body.split_once("name=\"xsrf\" value=\"").and_then(|(_, it)| it.split_once('"'));
        let (value, _) = value.unwrap_or_else(|| panic!("no logout page: {page:?}"));
        let fields = [("xsrf", value), ("logout", "yes")];
        let confirm = format!("{}/session/end/confirm", self.issuer);
        let ended = browser.send(Method::POST, &confirm, form(&fields)).await;
        assert!(ended.status.is_redirection() || ended.status.is_success(), "{ended:?}");
    }

    /// Signs an account out of all its sessions: sends a logout token for each of them.
    pub async fn sign_out(&self, account: &str) {
        let response = self.ask("sign-out", &json!({ "account": account })).await;
        assert_eq!(response.status, 204, "{response:?}\n{}", self.log());
    }

    /// A logout token for the account's last session with these claims and header parameters changed; null
    /// removes one. The signature is as `alg` says.
    pub async fn logout_token(&self, account: &str, claims: Value, header: Value) -> String {
        let request = json!({ "account": account, "claims": claims, "header": header });
        let response = self.ask("logout-token", &request).await;
        assert_eq!(response.status, 200, "{response:?}\n{}", self.log());
        response.body
    }

    async fn ask(&self, what: &str, request: &Value) -> Response {
        let url = format!("{}/_test/{what}", self.issuer);
        let body = |it: RequestBuilder| it.body(request.to_string());
        Browser::default().send(Method::POST, &url, body).await
    }

    /// A request to its token endpoint by its client: the status and the JSON.
    pub async fn token(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        self.post("/token", fields).await
    }

    /// A pushed authorization request (RFC 9126) by its client: the status and the JSON.
    pub async fn push(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        self.post("/request", fields).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}{path}", self.issuer);
        let shape = |request: RequestBuilder| {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let [id, secret]: [String; 2] = [encode(CLIENT_ID), encode(CLIENT_SECRET)];
            form(fields)(request.basic_auth(id, Some(secret)))
        };
        let response = Browser::default().send(Method::POST, &url, shape).await;
        (response.status.as_u16(), response.json())
    }

    /// What it observed so far.
    pub async fn state(&self) -> OpenIdProviderState {
        let state = Browser::default().get(format!("{}/_test/state", self.issuer)).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let family = |family: &Value| TokenFamily {
            account: text(&family["account"]),
            alive: family["alive"].as_bool().unwrap(),
            usable: family["usable"].as_u64().unwrap(),
        };
        OpenIdProviderState {
            refreshes: state["refreshes"].as_u64().unwrap(),
            refused: state["refused"].as_array().unwrap().iter().map(text).collect(),
            families: state["families"].as_array().unwrap().iter().map(family).collect(),
        }
    }

    /// Delays the response to each refresh, after the provider has replaced the refresh token.
    pub async fn delay_refreshes(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap();
        self.set(json!({ "tokenDelay": millis })).await;
    }

    /// Changes the lifetime of access tokens issued from now on.
    pub async fn set_access_token_lifetime(&self, seconds: u32) {
        self.set(json!({ "accessTokenLifetime": seconds })).await;
    }

    async fn set(&self, settings: Value) {
        let url = format!("{}/_test/settings", self.issuer);
        let body = |request: RequestBuilder| request.body(settings.to_string());
        let response = Browser::default().send(Method::PUT, &url, body).await;
        assert_eq!(response.status, 204, "{response:?}");
    }
}

impl Drop for OpenIdProvider {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("The log of oidc-provider:\n{}", self.log());
        }
    }
}

fn script(e2e: &Path) -> PathBuf {
    e2e.join("openid-provider/provider.js")
}

fn form(fields: &[(&str, &str)]) -> impl FnOnce(RequestBuilder) -> RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = "application/x-www-form-urlencoded";
    move |request| request.header("content-type", kind).body(body)
}
