//! `POST /v1/oauth/token`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::clouds::exchange::{Issued, TokenRequest, exchange};
use crate::clouds::token_error::NO_STORE;
use crate::recorder::Form;
use crate::state::SharedState;

/// The token endpoint.
pub(super) async fn post(
    State(state): State<SharedState>,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued = TokenRequest::from_form(&headers, &form)
        .and_then(|request| exchange(&state, Cloud::DigitalOcean, &request));
    match issued {
        Ok(issued) => (NO_STORE, Json(tokens(issued))).into_response(),
        Err(error) => error.response(&error.doorkeeper()),
    }
}

fn tokens(issued: Issued) -> Value {
    let person = issued.grant.person;
    let account = &person.accounts.digitalocean;
    json!({
        "access_token": issued.access_token,
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "scope": issued.grant.scope,
        "info": {
            "uuid": account.uuid,
            "email": person.email,
            "name": person.name,
            "team_uuid": account.team_uuid,
            "team_name": account.team_name,
        },
    })
}
