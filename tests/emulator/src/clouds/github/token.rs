//! `POST /login/oauth/access_token`

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::cloud::Cloud;
use crate::clouds::exchange::{Issued, TokenRequest, exchange};
use crate::clouds::token_error::{NO_STORE, TokenError};
use crate::recorder::Form;
use crate::state::SharedState;

type Fields = Vec<(&'static str, String)>;

/// The token endpoint; errors have status 200 too.
pub(super) async fn post(
    State(state): State<SharedState>,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let request =
        TokenRequest::from_form(&headers, &form.with_default("grant_type", "authorization_code"));
    let fields = match request.and_then(|request| exchange(&state, Cloud::GitHub, &request)) {
        Ok(issued) => tokens(issued),
        Err(error) => error_fields(error),
    };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/json")) {
        let object: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        return (NO_STORE, Json(object)).into_response();
    }
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = [(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8")];
    (NO_STORE, kind, form).into_response()
}

fn tokens(issued: Issued) -> Fields {
    let scope: Vec<&str> = issued.grant.scopes().collect();
    vec![
        ("access_token", issued.access_token),
        ("scope", scope.join(",")),
        ("token_type", "bearer".to_owned()),
    ]
}

fn error_fields(error: TokenError) -> Fields {
    let (error, description) = match error {
        TokenError::Custom(error, description) => {
            return vec![("error", error), ("error_description", description)];
        }
        TokenError::InvalidClient => (
            "incorrect_client_credentials",
            "The client_id and/or client_secret passed are incorrect.",
        ),
        TokenError::RedirectUri => (
            "redirect_uri_mismatch",
            "The redirect_uri MUST match the registered callback URL for this application.",
        ),
        TokenError::UnsupportedGrantType => {
            ("unsupported_grant_type", "The grant_type is not supported.")
        }
        _ => ("bad_verification_code", "The code passed is incorrect or expired."),
    };
    let page = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";
    vec![
        ("error", error.to_owned()),
        ("error_description", description.to_owned()),
        ("error_uri", format!("{page}#{}", error.replace('_', "-"))),
    ]
}
