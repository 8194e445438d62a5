//! `GET /v3/projects:search` of Cloud Resource Manager.
//!
//! <https://cloud.google.com/resource-manager/reference/rest/v3/projects/search>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::bearer;
use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::faults::Target;
use crate::paging::{cursor, offset, window};
use crate::params::Params;
use crate::personas::google::Project;
use crate::state::SharedState;

const PAGE: usize = 3;

/// A token needs one of these scopes to list projects.
const SCOPES: [&str; 4] = [
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/cloud-platform.read-only",
    "https://www.googleapis.com/auth/cloudplatformprojects",
    "https://www.googleapis.com/auth/cloudplatformprojects.readonly",
];

/// The projects of the bearer.
pub(super) async fn search(
    State(state): State<SharedState>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let token = bearer::token(&headers);
    let target = Target::CloudListing(Cloud::Google);
    let call = match Call::authenticate(&state, target, Cloud::Google, token, &SCOPES) {
        Ok(call) => call,
        Err(error) => return error_response(error),
    };
    match page(&call, &Params::parse(query.unwrap_or_default().as_bytes())) {
        Some(page) => Json(page).into_response(),
        None => {
            let text = "Request contains an invalid argument.";
            google_error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", text)
        }
    }
}

/// The requested page; `None` for an invalid size or page token.
fn page(call: &Call, params: &Params) -> Option<Value> {
    let all = call.person().accounts.google.projects;
    let size: usize = params.get("pageSize").map_or(Some(0), |size| size.parse().ok())?;
    // Zero or an absent size means Google's default.
    let size = if size == 0 { PAGE } else { size.min(PAGE) };
    let from = match params.get("pageToken") {
        Some(token) => offset(token)?,
        None => 0,
    };
    let (items, next) = window(all, from, size);
    // Protobuf's JSON mapping omits empty lists and strings.
    let mut page = Map::new();
    if !items.is_empty() {
        let projects: Vec<Value> = items.iter().map(|one| item(call, one)).collect();
        page.insert("projects".to_owned(), projects.into());
    }
    if let Some(token) = call.faults.next(next, cursor) {
        page.insert("nextPageToken".to_owned(), token.into());
    }
    Some(page.into())
}

fn item(call: &Call, project: &Project) -> Value {
    let mut item = json!({
        "name": format!("projects/{}", project.number),
        "projectId": project.id,
        "state": "ACTIVE",
        "displayName": call.name(project.name),
        "createTime": "2024-03-01T09:00:00.000Z",
        "updateTime": "2024-03-01T09:00:00.000Z",
        "etag": "W/\"2c0f6a1f6e2f5d3b\"",
    });
    if let Some(parent) = project.parent {
        item["parent"] = parent.into();
    }
    item
}

fn error_response(error: ApiError) -> Response {
    let expected = "Expected OAuth 2 access token, login cookie or other valid authentication credential. See \
                    https://developers.google.com/identity/sign-in/web/devconsole-project.";
    let unauthorized = |text: &str| {
        let challenge = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
        let answer = google_error(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            &format!("{text} {expected}"),
        );
        ([(header::WWW_AUTHENTICATE, challenge)], answer).into_response()
    };
    match error {
        ApiError::NoToken => unauthorized("Request is missing required authentication credential."),
        ApiError::InvalidToken => unauthorized("Request had invalid authentication credentials."),
        ApiError::InsufficientScope => {
            let text = "Request had insufficient authentication scopes.";
            google_error(StatusCode::FORBIDDEN, "PERMISSION_DENIED", text)
        }
    }
}

fn google_error(status: StatusCode, name: &str, message: &str) -> Response {
    let error = json!({ "code": status.as_u16(), "message": message, "status": name });
    (status, Json(json!({ "error": error }))).into_response()
}
