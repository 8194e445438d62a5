//! `POST /oauth/token`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::base_url::BaseUrl;
use crate::cloud::Cloud;
use crate::clouds::exchange::{Issued, TokenRequest, exchange};
use crate::clouds::openid::id_token;
use crate::clouds::token_error::NO_STORE;
use crate::recorder::Form;
use crate::state::{EmulatorState, SharedState};

/// Lifetime of an ID token in seconds: two minutes at GitLab.
const ID_TOKEN_LIFETIME: i64 = 120;

/// The token endpoint.
pub(super) async fn post(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued = TokenRequest::from_form(&headers, &form)
        .and_then(|request| exchange(&state, Cloud::GitLab, &request));
    match issued {
        Ok(issued) => (NO_STORE, Json(tokens(&state, &base, issued))).into_response(),
        Err(error) => error.response(&error.doorkeeper()),
    }
}

fn tokens(state: &EmulatorState, base: &BaseUrl, issued: Issued) -> Value {
    let account = &issued.grant.person.accounts.gitlab;
    let with_profile = issued.grant.has("profile");
    let id_token =
        id_token(state, base, &issued, &account.id.to_string(), ID_TOKEN_LIFETIME, |claims| {
            if with_profile {
                claims.insert("nickname".to_owned(), account.username.into());
                claims.insert("preferred_username".to_owned(), account.username.into());
            }
        });
    let mut answer = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "scope": issued.grant.scope,
        "created_at": state.now(),
    });
    if let Some(id_token) = id_token {
        answer["id_token"] = id_token.into();
    }
    answer
}
