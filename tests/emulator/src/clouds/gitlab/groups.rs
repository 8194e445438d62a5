//! `GET /api/v4/groups`
//!
//! <https://docs.gitlab.com/api/groups/#list-groups>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::base_url::BaseUrl;
use crate::bearer;
use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::clouds::links::PageRequest;
use crate::faults::Target;
use crate::params::Params;
use crate::personas::gitlab::Group;
use crate::state::SharedState;

const PAGE: usize = 2;

/// The groups in which the bearer has at least the requested role.
pub(super) async fn list(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let token = bearer::token(&headers);
    let target = Target::CloudListing(Cloud::GitLab);
    let call = match Call::authenticate(&state, target, Cloud::GitLab, token, &["api", "read_api"])
    {
        Ok(call) => call,
        Err(error) => return error_response(error),
    };
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let least = params.get("min_access_level").map_or(Ok(0), str::parse::<u8>);
    let Ok(least) = least else {
        let body = json!({ "error": "min_access_level does not have a valid value" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    };
    let all: Vec<&Group> = call
        .person()
        .accounts
        .gitlab
        .groups
        .iter()
        .filter(|group| group.access_level >= least)
        .collect();
    let page_request = PageRequest::parse(&params, PAGE);
    let (items, next) = page_request.take(&all);
    let root = Cloud::GitLab.root(&base);
    let list: Vec<Value> = items.iter().map(|group| item(&call, &root, group)).collect();
    let mut answer = Json(list).into_response();
    for (name, value) in place(&call, &page_request, next, &all) {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// The pagination headers. A missing previous or next page is an empty header, not an absent one.
fn place(
    call: &Call,
    page_request: &PageRequest,
    next: Option<usize>,
    all: &[&Group],
) -> [(&'static str, String); 6] {
    let next = call.faults.next(next, |page| page.max(1).to_string());
    let previous = (page_request.page > 1).then(|| (page_request.page - 1).to_string());
    [
        ("x-next-page", next.unwrap_or_default()),
        ("x-page", page_request.page.to_string()),
        ("x-per-page", page_request.per_page.to_string()),
        ("x-prev-page", previous.unwrap_or_default()),
        ("x-total", all.len().to_string()),
        ("x-total-pages", page_request.pages(all).to_string()),
    ]
}

fn item(call: &Call, root: &str, group: &Group) -> Value {
    let (parent, path) = group.full_path.rsplit_once('/').unwrap_or(("", group.full_path));
    let groups = call.person().accounts.gitlab.groups;
    let parent = groups.iter().find(|other| other.full_path == parent);
    json!({
        "id": group.id,
        "web_url": format!("{root}/groups/{}", group.full_path),
        "name": call.name(group.name),
        "path": path,
        "description": "",
        "visibility": "private",
        "full_name": call.name(group.full_name),
        "full_path": group.full_path,
        "parent_id": parent.map(|parent| parent.id),
    })
}

fn error_response(error: ApiError) -> Response {
    let (status, body) = match error {
        ApiError::NoToken => (StatusCode::UNAUTHORIZED, json!({ "message": "401 Unauthorized" })),
        ApiError::InvalidToken => (
            StatusCode::UNAUTHORIZED,
            json!({
                "error": "invalid_token",
                "error_description": "Token was revoked. You have to re-authorize from the user.",
            }),
        ),
        ApiError::InsufficientScope => (
            StatusCode::FORBIDDEN,
            json!({
                "error": "insufficient_scope",
                "error_description":
                    "The request requires higher privileges than provided by the access token.",
                "scope": "api read_api",
            }),
        ),
    };
    (status, Json(body)).into_response()
}
