//! Parses an authorization request. The redirect URI is checked first, so that no error goes to an unregistered one.

use super::error::EntraError;
use super::scopes::Scopes;
use crate::base_url::BaseUrl;
use crate::callback::Callback;
use crate::directory::requested_claims;
use crate::params::Params;
use crate::personas::WORLD;
use crate::state::EmulatorState;

/// The destination of the response; an error of this function must not be redirected.
pub(crate) fn callback(state: &EmulatorState, params: &Params) -> Result<Callback, EntraError> {
    if let Some(name) = params.repeated() {
        return Err(EntraError::repeated(name));
    }
    let client_id = params.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    check_client_id(client_id)?;
    let redirect_uri_text =
        params.get("redirect_uri").ok_or_else(|| EntraError::missing("redirect_uri"))?;
    Callback::parse(state, redirect_uri_text, params).ok_or_else(|| {
        EntraError::new("invalid_request", 50011, format!(
            "The redirect URI '{redirect_uri_text}' specified in the request does not match the redirect URIs configured for the \
             application '{client_id}'."
        ))
    })
}

/// Checks that the application is registered.
pub(crate) fn check_client_id(client_id: &str) -> Result<(), EntraError> {
    if client_id.eq_ignore_ascii_case(WORLD.application.client_id) {
        return Ok(());
    }
    Err(EntraError::new(
        "unauthorized_client",
        700016,
        format!(
            "Application with identifier '{client_id}' was not found in the directory. This can happen if the application \
         has not been installed by the administrator of the tenant or consented to by any user in the tenant."
        ),
    ))
}

/// The parameters of an authorization request.
#[derive(Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) scope: String,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// `prompt=none`: no page may be shown.
    pub(crate) silent: bool,
    /// The values of the claims request.
    pub(crate) claims: Vec<String>,
}

impl AuthorizationRequest {
    /// An error of this function is redirected to the client.
    pub(crate) fn parse(
        state: &EmulatorState,
        base: &BaseUrl,
        params: &Params,
    ) -> Result<Self, EntraError> {
        check_value(
            params,
            "response_type",
            &["code"],
            true,
            ("unsupported_response_type", 700051),
        )?;
        check_value(params, "response_mode", &["query"], false, ("invalid_request", 70007))?;
        let prompts = ["none", "login", "select_account", "consent"];
        check_value(params, "prompt", &prompts, false, ("invalid_request", 90023))?;
        let scope = params.get("scope").ok_or_else(|| EntraError::missing("scope"))?;
        Scopes::parse(scope, |resource| base.is_root(state, resource))?;
        Ok(Self {
            scope: scope.to_owned(),
            challenge: challenge(params)?,
            nonce: params.get("nonce").map(str::to_owned),
            silent: params.get("prompt") == Some("none"),
            claims: claims(params)?,
        })
    }
}

/// The claims request of a claims challenge (JSON).
fn claims(params: &Params) -> Result<Vec<String>, EntraError> {
    let Some(text) = params.get("claims") else { return Ok(Vec::new()) };
    requested_claims(text).ok_or_else(|| {
        let text = "Invalid request. The claims request is no JSON object.";
        EntraError::new("invalid_request", 9002313, text)
    })
}

fn check_value(
    params: &Params,
    name: &'static str,
    values: &[&str],
    required: bool,
    (error, number): (&'static str, u32),
) -> Result<(), EntraError> {
    match params.get(name) {
        None if required => Err(EntraError::missing(name)),
        Some(value) if !values.contains(&value) => Err(EntraError::new(
            error,
            number,
            format!("'{value}' is not a supported value of '{name}'."),
        )),
        _ => Ok(()),
    }
}

/// PKCE (RFC 7636): optional, and S256 only.
fn challenge(params: &Params) -> Result<Option<String>, EntraError> {
    let Some(challenge) = params.get("code_challenge") else { return Ok(None) };
    if params.get("code_challenge_method") != Some("S256") {
        return Err(EntraError::new(
            "invalid_request",
            50149,
            "Invalid code challenge method parameter: S256 is needed.",
        ));
    }
    if challenge.len() != 43 {
        return Err(EntraError::new(
            "invalid_request",
            501491,
            "Invalid size of Code_Challenge parameter.",
        ));
    }
    Ok(Some(challenge.to_owned()))
}
