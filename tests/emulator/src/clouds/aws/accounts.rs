//! `GET /assignment/accounts`: ListAccounts of the access portal.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::faults::Target;
use crate::paging::{cursor, offset, window};
use crate::params::Params;
use crate::state::SharedState;

const PAGE: usize = 3;

/// The accounts assigned to the bearer. The token is read from `x-amz-sso_bearer_token` only.
pub(super) async fn list(
    State(state): State<SharedState>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let token = headers.get("x-amz-sso_bearer_token").and_then(|value| value.to_str().ok());
    let target = Target::CloudListing(Cloud::Aws);
    let call = match Call::authenticate(&state, target, Cloud::Aws, token, &["sso:account:access"])
    {
        Ok(call) => call,
        Err(error) => return error_response(error),
    };
    let page = page(&call, &Params::parse(query.unwrap_or_default().as_bytes()));
    page.map(|page| Json(page).into_response()).unwrap_or_else(|| {
        aws_error(StatusCode::BAD_REQUEST, "InvalidRequestException", "Invalid request")
    })
}

/// The requested page; `None` for an invalid size or page token.
fn page(call: &Call, params: &Params) -> Option<Value> {
    let size = params.get("max_result").map_or(Some(PAGE), |size| size.parse().ok())?;
    let from = match params.get("next_token") {
        Some(token) => offset(token)?,
        None => 0,
    };
    if !(1..=100).contains(&size) {
        return None;
    }
    let (items, next) = window(call.person().accounts.aws.accounts, from, size.min(PAGE));
    let list: Vec<Value> = items
        .iter()
        .map(|one| {
            json!({
                "accountId": one.id,
                "accountName": call.name(one.name),
                "emailAddress": one.email,
            })
        })
        .collect();
    Some(json!({ "accountList": list, "nextToken": call.faults.next(next, cursor) }))
}

fn error_response(error: ApiError) -> Response {
    match error {
        ApiError::NoToken | ApiError::InvalidToken => aws_error(
            StatusCode::UNAUTHORIZED,
            "UnauthorizedException",
            "Session token not found or invalid",
        ),
        ApiError::InsufficientScope => {
            aws_error(StatusCode::FORBIDDEN, "ForbiddenException", "No access")
        }
    }
}

fn aws_error(status: StatusCode, kind: &'static str, message: &str) -> Response {
    let header = [(HeaderName::from_static("x-amzn-errortype"), kind)];
    (status, header, Json(json!({ "message": message, "__type": kind }))).into_response()
}
