//! `POST /{tenant}/oauth2/v2.0/token`: who asks, and which grant.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::Value;

use super::Authority;
use super::authorize::oauth_error;
use super::client;
use super::grants::{self, Request};
use super::refusal::Refusal;
use crate::base::Base;
use crate::faults::{FaultKind, Target};
use crate::journal::Form;
use crate::params::Params;
use crate::state::{Running, Shared};

/// Tokens, or why not.
pub(crate) async fn post(
    State(state): State<Shared>,
    base: Base,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Extension(Form(params)): Extension<Form>,
) -> Response {
    match answer(&state, &base, &tenant, &headers, &params) {
        Ok(tokens) => {
            ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(tokens))
                .into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn answer(
    state: &Running,
    base: &Base,
    tenant: &str,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Value, Refusal> {
    let authority =
        Authority::parse(tenant).map_err(|refusal| refusal.with_error("invalid_request"))?;
    if let Some(name) = params.repeated() {
        return Err(Refusal::repeated(name));
    }
    let grant = params.get("grant_type").ok_or_else(|| Refusal::missing("grant_type"))?;
    client::authenticate(headers, params)?;
    oauth_error(state, Target::Token, Some(grant))?;
    let request = Request { state, base, authority, params };
    let mut tokens = match grant {
        "authorization_code" => grants::authorization_code(&request),
        "refresh_token" => grants::refresh_token(&request),
        "client_credentials" => grants::client_credentials(&request),
        other => Err(Refusal::new(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }?;
    tell_tokens(state, grant, &mut tokens);
    Ok(tokens)
}

/// The answer as it is told.
fn tell_tokens(state: &Running, grant: &str, tokens: &mut Value) {
    let is_member = |kind: &FaultKind| matches!(kind, FaultKind::SetMember { .. });
    for lie in state.lies(Target::Token, Some(grant), is_member) {
        if let FaultKind::SetMember { name, value } = lie {
            tokens[name] = value;
        }
    }
}
