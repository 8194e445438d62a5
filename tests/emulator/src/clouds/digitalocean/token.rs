//! `POST /v1/oauth/token`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::clouds::Cloud;
use crate::clouds::exchange::{Asked, Issued, exchange};
use crate::clouds::refused::NEVER_STORED;
use crate::journal::Form;
use crate::state::Shared;

/// Tokens, or why not.
pub(super) async fn post(
    State(state): State<Shared>,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued = Asked::of_form(&headers, &form)
        .and_then(|asked| exchange(&state, Cloud::DigitalOcean, &asked));
    match issued {
        Ok(issued) => (NEVER_STORED, Json(tokens(issued))).into_response(),
        Err(refused) => refused.answer(&refused.doorkeeper()),
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
