//! An authorization request, checked in the order that keeps errors away from addresses nobody registered.

use super::refusal::Refusal;
use super::scopes::Scopes;
use crate::base::Base;
use crate::callback::Callback;
use crate::params::Params;
use crate::personas::WORLD;
use crate::state::Running;

/// Where the answer goes; a refusal from here must not be redirected.
pub(crate) fn callback(running: &Running, params: &Params) -> Result<Callback, Refusal> {
    if let Some(name) = params.repeated() {
        return Err(Refusal::repeated(name));
    }
    let client_id = params.get("client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    known_client(client_id)?;
    let spelled = params.get("redirect_uri").ok_or_else(|| Refusal::missing("redirect_uri"))?;
    Callback::of(running, spelled, params).ok_or_else(|| {
        Refusal::new("invalid_request", 50011, format!(
            "The redirect URI '{spelled}' specified in the request does not match the redirect URIs configured for the \
             application '{client_id}'."
        ))
    })
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
