//! `POST /oauth/token`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::base::Base;
use crate::clouds::Cloud;
use crate::clouds::exchange::{Asked, Issued, exchange};
use crate::clouds::openid::id_token;
use crate::clouds::refused::NEVER_STORED;
use crate::journal::Form;
use crate::state::{Running, Shared};

/// Seconds that an ID token lives: two minutes at GitLab.
const LIFE: i64 = 120;

/// Tokens, or why not.
pub(super) async fn post(
    State(state): State<Shared>,
    base: Base,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued =
        Asked::of_form(&headers, &form).and_then(|asked| exchange(&state, Cloud::GitLab, &asked));
    match issued {
        Ok(issued) => (NEVER_STORED, Json(tokens(&state, &base, issued))).into_response(),
        Err(refused) => refused.answer(&refused.doorkeeper()),
    }
}

fn tokens(state: &Running, base: &Base, issued: Issued) -> Value {
    let account = &issued.grant.person.accounts.gitlab;
    let with_profile = issued.grant.has("profile");
    let id_token = id_token(state, base, &issued, &account.id.to_string(), LIFE, |claims| {
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
