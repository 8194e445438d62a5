//! `POST /{tenant}/oauth2/v2.0/token`: authenticates the client and dispatches by grant type.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::Value;

use super::Authority;
use super::authorize::oauth_error;
use super::client;
use super::error::EntraError;
use super::grants::{self, TokenRequest};
use crate::base_url::BaseUrl;
use crate::faults::{FaultKind, Occasion, Target};
use crate::params::Params;
use crate::recorder::Form;
use crate::state::{EmulatorState, SharedState};

/// The token endpoint.
pub(crate) async fn post(
    State(state): State<SharedState>,
    base: BaseUrl,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Extension(Form(params)): Extension<Form>,
) -> Response {
    match issue_tokens(&state, &base, &tenant, &headers, &params) {
        Ok(tokens) => {
            ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(tokens))
                .into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn issue_tokens(
    state: &EmulatorState,
    base: &BaseUrl,
    tenant: &str,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Value, EntraError> {
    let authority =
        Authority::parse(tenant).map_err(|error| error.with_error("invalid_request"))?;
    if let Some(name) = params.repeated() {
        return Err(EntraError::repeated(name));
    }
    let grant = params.get("grant_type").ok_or_else(|| EntraError::missing("grant_type"))?;
    // The token endpoint, and the issuer that RFC 7523 allows too.
    let audiences =
        [format!("{base}/{}/oauth2/v2.0/token", authority.segment()), authority.issuer(base)];
    client::authenticate(state, &audiences, headers, params)?;
    let occasion = Occasion::at(Target::Token).grant(grant).tenant(authority.tenant_id());
    oauth_error(state, occasion)?;
    let request = TokenRequest { state, base, authority, params };
    let mut tokens = match grant {
        "authorization_code" => grants::authorization_code(&request),
        "refresh_token" => grants::refresh_token(&request),
        "client_credentials" => grants::client_credentials(&request),
        other => Err(EntraError::new(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }?;
    corrupt_token_response(state, occasion, &mut tokens);
    Ok(tokens)
}

/// Applies the content faults of the token response.
fn corrupt_token_response(state: &EmulatorState, occasion: Occasion<'_>, tokens: &mut Value) {
    let is_member = |kind: &FaultKind| matches!(kind, FaultKind::SetMember { .. });
    for fault in state.content_faults(occasion, is_member) {
        if let FaultKind::SetMember { name, value } = fault {
            tokens[name] = value;
        }
    }
}
