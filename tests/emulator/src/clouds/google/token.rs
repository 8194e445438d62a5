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
use crate::clouds::token_error::{NO_STORE, TokenError};
use crate::grants::CodeError;
use crate::recorder::Form;
use crate::state::{EmulatorState, SharedState};

/// Lifetime of an ID token in seconds.
const ID_TOKEN_LIFETIME: i64 = 3600;

/// The token endpoint.
pub(super) async fn post(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued = TokenRequest::from_form(&headers, &form)
        .and_then(|request| exchange(&state, Cloud::Google, &request));
    match issued {
        Ok(issued) => (NO_STORE, Json(tokens(&state, &base, issued))).into_response(),
        Err(TokenError::RedirectUri) => {
            let code = "redirect_uri_mismatch".to_owned();
            TokenError::Custom(code, "Bad Request".to_owned()).response("")
        }
        Err(error) => error.response(describe(&error)),
    }
}

fn tokens(state: &EmulatorState, base: &BaseUrl, issued: Issued) -> Value {
    let account = &issued.grant.person.accounts.google;
    let id_token = id_token(state, base, &issued, account.sub, ID_TOKEN_LIFETIME, |claims| {
        claims.insert("azp".to_owned(), Cloud::Google.client().client_id.into());
        if let Some(domain) = account.hd {
            claims.insert("hd".to_owned(), domain.into());
        }
    });
    let mut answer = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": issued.grant.scope,
        "token_type": "Bearer",
    });
    if let Some(id_token) = id_token {
        answer["id_token"] = id_token.into();
    }
    if let Some(refresh_token) = issued.refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    answer
}

fn describe(error: &TokenError) -> &'static str {
    match error {
        TokenError::InvalidClient => "Unauthorized",
        TokenError::Verifier => "Invalid code verifier.",
        TokenError::Code(CodeError::Unknown) => "Malformed auth code.",
        TokenError::MissingParameter(name) if *name == "redirect_uri" => {
            "Missing parameter: redirect_uri"
        }
        TokenError::MissingParameter(name) if *name == "code" => "Missing parameter: code",
        TokenError::UnsupportedGrantType => "Invalid grant_type",
        _ => "Bad Request",
    }
}
