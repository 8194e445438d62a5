//! `GET /account` and `GET /teams`.
//!
//! <https://devcenter.heroku.com/articles/platform-api-reference#team-list>

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::range::Range;
use crate::bearer;
use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::faults::Target;
use crate::paging::window;
use crate::state::{EmulatorState, SharedState};

const PAGE: usize = 2;

/// The bearer.
pub(super) async fn account(
    State(state): State<SharedState>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    let scopes = ["identity", "read", "read-protected", "write", "write-protected", "global"];
    let call = authenticate(&state, &headers, Target::CloudAccount(Cloud::Heroku), &scopes)?;
    let person = call.person();
    let account = json!({
        "id": person.accounts.heroku.id,
        "email": person.email,
        "name": call.name(person.name),
        "verified": person.owns_email(),
        "created_at": "2024-03-01T09:00:00Z",
    });
    Ok(Json(account).into_response())
}

/// The teams of the bearer, ordered by id.
pub(super) async fn teams(
    State(state): State<SharedState>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    let scopes = ["read", "read-protected", "write", "write-protected", "global"];
    let call = authenticate(&state, &headers, Target::CloudListing(Cloud::Heroku), &scopes)?;
    let range = Range::of(&headers).ok_or(ErrorResponse {
        status: StatusCode::RANGE_NOT_SATISFIABLE,
        id: "bad_request",
        message: "The Range header is invalid.",
    })?;
    let all = call.person().accounts.heroku.teams;
    let size = range.max.min(PAGE);
    let from = range.skipped(all.iter().map(|team| team.id));
    let (items, next) = window(all, from, size);
    let list: Vec<Value> = items
        .iter()
        .map(|team| json!({ "id": team.id, "name": call.name(team.name), "role": team.role }))
        .collect();
    let next =
        call.faults.next(next, |from| match from.checked_sub(1).and_then(|at| all.get(at)) {
            Some(last) => format!("id ]{}..; max={size}", last.id),
            None => format!("id ..; max={size}"),
        });
    let mut answer = Json(list).into_response();
    answer.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("id"));
    if let Some(Ok(next)) = next.map(HeaderValue::try_from) {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        answer.headers_mut().insert(HeaderName::from_static("next-range"), next);
    }
    Ok(answer)
}

/// Authenticates a call; a request without the API version in `Accept` is answered 404.
fn authenticate(
    state: &EmulatorState,
    headers: &HeaderMap,
    target: Target,
    scopes: &[&str],
) -> Result<Call, ErrorResponse> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.unwrap_or_default().replace(' ', "");
    if !accept.contains("application/vnd.heroku+json;version=3") {
        return Err(ErrorResponse {
            status: StatusCode::NOT_FOUND,
            id: "not_found",
            message: "The requested API endpoint was not found. Are you using the right HTTP verb (i.e. `GET` vs. \
                      `POST`), and did you specify your intended version with the `Accept` header?",
        });
    }
    let token = bearer::token(headers);
    Ok(Call::authenticate(state, target, Cloud::Heroku, token, scopes)?)
}

/// An error response in Heroku's format.
pub(super) struct ErrorResponse {
    status: StatusCode,
    id: &'static str,
    message: &'static str,
}

impl From<ApiError> for ErrorResponse {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::NoToken | ApiError::InvalidToken => Self {
                status: StatusCode::UNAUTHORIZED,
                id: "unauthorized",
                message: "Invalid credentials provided.",
            },
            ApiError::InsufficientScope => Self {
                status: StatusCode::FORBIDDEN,
                id: "forbidden",
                message: "The scope of this OAuth authorization does not allow access to this resource.",
            },
        }
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "id": self.id, "message": self.message }))).into_response()
    }
}
