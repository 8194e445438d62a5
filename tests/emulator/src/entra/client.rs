//! Client authentication at the token endpoint: `client_secret_basic` or `client_secret_post` (RFC 6749 section 2.3.1),
//! or an assertion signed by a certificate or a trusted issuer (RFC 7523 section 2.2).

use axum::http::{HeaderMap, header};

use super::error::EntraError;
use super::request::check_client_id;
use crate::basic::basic;
use crate::params::Params;
use crate::registration::AssertionError;
use crate::state::EmulatorState;

/// Accepts the registered application with its secret.
pub(crate) fn authenticate(
    state: &EmulatorState,
    audiences: &[String],
    headers: &HeaderMap,
    params: &Params,
) -> Result<(), EntraError> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let basic = value.to_str().ok().and_then(basic);
        let (id, secret) = basic.ok_or_else(|| {
            EntraError::new(
                "invalid_client",
                7000216,
                "The 'Authorization' header does not hold client credentials.",
            )
        })?;
        return check(state, &id, &secret);
    }
    let id = params.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    check_client_id(id)?;
    if let Some(assertion) = params.get("client_assertion") {
        let assertion = (params.get("client_assertion_type"), assertion);
        let now = state.now();
        let verified = state.registrations().verify(None, id, audiences, assertion, now);
        return verified.map_err(refused);
    }
    let secret = params.get("client_secret").ok_or_else(|| {
        EntraError::new(
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: \
             'client_assertion' or 'client_secret'.",
        )
    })?;
    check(state, id, secret)
}

/// The numbers are those of Entra ID. It accepts an assertion that was used before; the emulator is stricter.
fn refused(error: AssertionError) -> EntraError {
    let (number, text) = match error {
        AssertionError::Type => (900144, "The client assertion type is unknown."),
        AssertionError::Malformed => (50027, "JWT token is invalid or malformed."),
        AssertionError::NoKey => (
            700027,
            "The certificate with identifier used to sign the client assertion is not registered on application. \
             [Reason - The key was not found.]",
        ),
        AssertionError::ExpiredKey => (
            700027,
            "Client assertion contains an invalid signature. [Reason - The key used is expired.]",
        ),
        AssertionError::Signature => (
            700027,
            "Client assertion contains an invalid signature. [Reason - The provided signature value did not match the \
             expected signature value.]",
        ),
        AssertionError::Client => {
            (700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
        }
        AssertionError::Audience => {
            (700023, "Client assertion audience claim does not match Realm issuer.")
        }
        AssertionError::Time => (700024, "Client assertion is not within its valid time range."),
        AssertionError::Used => (50013, "The client assertion was used before, or has no id."),
    };
    EntraError::new("invalid_client", number, text)
}

fn check(state: &EmulatorState, id: &str, secret: &str) -> Result<(), EntraError> {
    check_client_id(id)?;
    if state.registrations().has_secret(None, secret) {
        return Ok(());
    }
    Err(EntraError::new(
        "invalid_client",
        7000215,
        format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not \
         the client secret ID, for a secret added to app '{id}'."
        ),
    ))
}
