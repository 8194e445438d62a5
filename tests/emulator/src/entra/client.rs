//! Client authentication at the token endpoint: `client_secret_basic` or `client_secret_post` (RFC 6749 section 2.3.1).

use axum::http::{HeaderMap, header};

use super::error::EntraError;
use super::request::check_client_id;
use crate::basic::basic;
use crate::params::Params;
use crate::personas::WORLD;

/// Accepts the registered application with its secret.
pub(crate) fn authenticate(headers: &HeaderMap, params: &Params) -> Result<(), EntraError> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let basic = value.to_str().ok().and_then(basic);
        let (id, secret) = basic.ok_or_else(|| {
            EntraError::new(
                "invalid_client",
                7000216,
                "The 'Authorization' header does not hold client credentials.",
            )
        })?;
        return check(&id, &secret);
    }
    let id = params.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    check_client_id(id)?;
    let secret = params.get("client_secret").ok_or_else(|| {
        EntraError::new(
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: \
             'client_assertion' or 'client_secret'.",
        )
    })?;
    check(id, secret)
}

fn check(id: &str, secret: &str) -> Result<(), EntraError> {
    check_client_id(id)?;
    if secret == WORLD.application.client_secret {
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
