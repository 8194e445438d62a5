//! `POST /oauth/token`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::clouds::exchange::{Issued, TokenRequest, exchange};
use crate::clouds::token_error::{NO_STORE, TokenError};
use crate::recorder::Form;
use crate::state::SharedState;

/// The token endpoint; the error code is the member `id`, as in all of Heroku's responses.
pub(super) async fn post(
    State(state): State<SharedState>,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued = TokenRequest::from_form(&headers, &form)
        .and_then(|request| exchange(&state, Cloud::Heroku, &request));
    match issued {
        Ok(issued) => (NO_STORE, Json(tokens(issued))).into_response(),
        Err(error) => {
            let body = json!({ "id": error.code(), "message": describe(&error) });
            (error.status(), NO_STORE, Json(body)).into_response()
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

fn describe(error: &TokenError) -> String {
    match error {
        TokenError::Custom(_, description) => description.clone(),
        TokenError::InvalidClient => "Unable to verify client credentials.".to_owned(),
        other => other.doorkeeper(),
    }
}
