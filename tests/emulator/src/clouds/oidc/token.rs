//! `POST /token`

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

/// Seconds that an ID token lives.
const LIFE: i64 = 300;

/// Tokens, or why not.
pub(super) async fn post(
    State(state): State<Shared>,
    base: Base,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued =
        Asked::of_form(&headers, &form).and_then(|asked| exchange(&state, Cloud::Oidc, &asked));
    match issued {
        Ok(issued) => (NEVER_STORED, Json(tokens(&state, &base, issued))).into_response(),
        Err(refused) => refused.answer(&refused.doorkeeper()),
    }
}

fn tokens(state: &Running, base: &Base, issued: Issued) -> Value {
    let person = issued.grant.person;
    let with_profile = issued.grant.has("profile");
    let sub = person.accounts.oidc.sub;
    let id_token = id_token(state, base, &issued, sub, LIFE, |claims| {
        claims.insert("azp".to_owned(), Cloud::Oidc.client().client_id.into());
        if with_profile {
            claims.insert("preferred_username".to_owned(), person.user_name.into());
        }
    });
    let mut answer = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.grant.scope,
    });
    if let Some(id_token) = id_token {
        answer["id_token"] = id_token.into();
    }
    if let Some(refresh_token) = issued.refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    answer
}
