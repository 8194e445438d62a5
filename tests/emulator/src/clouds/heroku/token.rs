//! `POST /oauth/token`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::clouds::Cloud;
use crate::clouds::exchange::{Asked, Issued, exchange};
use crate::clouds::refused::{NEVER_STORED, Refused};
use crate::journal::Form;
use crate::state::Shared;

/// Tokens, or why not: the error is called `id`, as everywhere at Heroku.
pub(super) async fn post(
    State(state): State<Shared>,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued =
        Asked::of_form(&headers, &form).and_then(|asked| exchange(&state, Cloud::Heroku, &asked));
    match issued {
        Ok(issued) => (NEVER_STORED, Json(tokens(issued))).into_response(),
        Err(refused) => {
            let body = json!({ "id": refused.code(), "message": describe(&refused) });
            (refused.status(), NEVER_STORED, Json(body)).into_response()
        }
    }
}

fn tokens(issued: Issued) -> Value {
    json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "token_type": "Bearer",
        "user_id": issued.grant.person.accounts.heroku.id,
        "session_nonce": null,
    })
}

fn describe(refused: &Refused) -> String {
    match refused {
        Refused::Told(_, description) => description.clone(),
        Refused::Client => "Unable to verify client credentials.".to_owned(),
        other => other.doorkeeper(),
    }
}
