//! `POST /token`

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

/// Lifetime of an ID token in seconds.
const ID_TOKEN_LIFETIME: i64 = 300;

/// The token endpoint.
pub(super) async fn post(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued = TokenRequest::from_form(&headers, &form)
        .map(|request| request.with_assertions_for(Cloud::Oidc.root(&base)))
        .and_then(|request| exchange(&state, Cloud::Oidc, &request));
    match issued {
        Ok(issued) => (NO_STORE, Json(tokens(&state, &base, issued))).into_response(),
        Err(error) => error.response(&error.doorkeeper()),
    }
}

fn tokens(state: &EmulatorState, base: &BaseUrl, issued: Issued) -> Value {
    let person = issued.grant.person;
    let with_profile = issued.grant.has("profile");
    let sub = person.accounts.oidc.sub;
    let id_token = id_token(state, base, &issued, sub, ID_TOKEN_LIFETIME, |claims| {
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
