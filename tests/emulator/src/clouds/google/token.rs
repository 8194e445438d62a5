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
use crate::clouds::refused::{NEVER_STORED, Refused};
use crate::codes::Spent;
use crate::journal::Form;
use crate::state::{Running, Shared};

/// Seconds that an ID token lives.
const LIFE: i64 = 3600;

/// Tokens, or why not.
pub(super) async fn post(
    State(state): State<Shared>,
    base: Base,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let issued =
        Asked::of_form(&headers, &form).and_then(|asked| exchange(&state, Cloud::Google, &asked));
    match issued {
        Ok(issued) => (NEVER_STORED, Json(tokens(&state, &base, issued))).into_response(),
        Err(Refused::RedirectUri) => {
            let code = "redirect_uri_mismatch".to_owned();
            Refused::Told(code, "Bad Request".to_owned()).answer("")
        }
        Err(refused) => refused.answer(describe(&refused)),
    }
}

fn tokens(state: &Running, base: &Base, issued: Issued) -> Value {
    let account = &issued.grant.person.accounts.google;
    let id_token = id_token(state, base, &issued, account.sub, LIFE, |claims| {
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

fn describe(refused: &Refused) -> &'static str {
    match refused {
        Refused::Client => "Unauthorized",
        Refused::Verifier => "Invalid code verifier.",
        Refused::Code(Spent::Unknown) => "Malformed auth code.",
        Refused::Missing(name) if *name == "redirect_uri" => "Missing parameter: redirect_uri",
        Refused::Missing(name) if *name == "code" => "Missing parameter: code",
        Refused::UnsupportedGrant => "Invalid grant_type",
        _ => "Bad Request",
    }
}
