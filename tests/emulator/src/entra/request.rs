//! An authorization request, checked in the order that keeps errors away from addresses nobody registered.

use url::Url;

use super::refusal::Refusal;
use super::scopes::Scopes;
use crate::base::{Base, is_loopback};
use crate::params::Params;
use crate::personas::WORLD;
use crate::state::Running;

/// Where the answer goes: the client is known and the redirect URI is one of its own.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) redirect_uri: Url,
    /// As the request spelled it; the token request has to spell it the same.
    pub(crate) spelled: String,
    pub(crate) state: Option<String>,
}

impl Client {
    /// A refusal from here must not be redirected.
    pub(crate) fn parse(running: &Running, params: &Params) -> Result<Self, Refusal> {
        if let Some(name) = params.repeated() {
            return Err(Refusal::repeated(name));
        }
        let client_id = params.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
        known_client(client_id)?;
        let spelled = params.get("redirect_uri").ok_or_else(|| Refusal::missing("redirect_uri"))?;
        let redirect_uri = registered(running, spelled).ok_or_else(|| {
            Refusal::new("invalid_request", 50011, format!(
                "The redirect URI '{spelled}' specified in the request does not match the redirect URIs configured for \
                 the application '{client_id}'."
            ))
        })?;
        Ok(Self {
            redirect_uri,
            spelled: spelled.to_owned(),
            state: params.get("state").map(str::to_owned),
        })
    }
}

/// Whether an application is registered.
pub(crate) fn known_client(client_id: &str) -> Result<(), Refusal> {
    if client_id.eq_ignore_ascii_case(WORLD.application.client_id) {
        return Ok(());
    }
    Err(Refusal::new(
        "unauthorized_client",
        700016,
        format!(
            "Application with identifier '{client_id}' was not found in the directory. This can happen if the application \
         has not been installed by the administrator of the tenant or consented to by any user in the tenant."
        ),
    ))
}

/// A redirect URI of the application: exactly as registered or, with none registered, any on this machine.
pub(crate) fn registered(running: &Running, uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok().filter(|url| url.fragment().is_none())?;
    let own = running.redirect_uris();
    let is_own =
        if own.is_empty() { is_loopback(&url) } else { own.iter().any(|known| known == uri) };
    is_own.then_some(url)
}

/// What the client asks for.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) scope: String,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// `prompt=none`: not a word to the person.
    pub(crate) silent: bool,
    /// The claims that a refusal for want of a second factor asked for are here, so the person will show one.
    pub(crate) second_factor: bool,
}

impl Ask {
    /// A refusal from here goes to the client.
    pub(crate) fn parse(running: &Running, base: &Base, params: &Params) -> Result<Self, Refusal> {
        one_of(params, "response_type", &["code"], true, ("unsupported_response_type", 700051))?;
        one_of(params, "response_mode", &["query"], false, ("invalid_request", 70007))?;
        let prompts = ["none", "login", "select_account", "consent"];
        one_of(params, "prompt", &prompts, false, ("invalid_request", 90023))?;
        let scope = params.get("scope").ok_or_else(|| Refusal::missing("scope"))?;
        Scopes::parse(scope, |resource| base.is_root(running, resource))?;
        Ok(Self {
            scope: scope.to_owned(),
            challenge: challenge(params)?,
            nonce: params.get("nonce").map(str::to_owned),
            silent: params.get("prompt") == Some("none"),
            second_factor: params.get("claims").is_some_and(|claims| claims.contains("capolids")),
        })
    }
}

fn one_of(
    params: &Params,
    name: &'static str,
    values: &[&str],
    required: bool,
    (error, number): (&'static str, u32),
) -> Result<(), Refusal> {
    match params.get(name) {
        None if required => Err(Refusal::missing(name)),
        Some(value) if !values.contains(&value) => Err(Refusal::new(
            error,
            number,
            format!("'{value}' is not a supported value of '{name}'."),
        )),
        _ => Ok(()),
    }
}

/// PKCE (RFC 7636): optional, and S256 only.
fn challenge(params: &Params) -> Result<Option<String>, Refusal> {
    let Some(challenge) = params.get("code_challenge") else { return Ok(None) };
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::new(
            "invalid_request",
            50149,
            "Invalid code challenge method parameter: S256 is needed.",
        ));
    }
    if challenge.len() != 43 {
        return Err(Refusal::new(
            "invalid_request",
            501491,
            "Invalid size of Code_Challenge parameter.",
        ));
    }
    Ok(Some(challenge.to_owned()))
}
