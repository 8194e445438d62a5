//! `GET /api/v4/groups`
//!
//! <https://docs.gitlab.com/api/groups/#list-groups>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::base::Base;
use crate::bearer;
use crate::clouds::Cloud;
use crate::clouds::call::{Call, Denied};
use crate::clouds::links::Asked;
use crate::faults::Target;
use crate::params::Params;
use crate::personas::gitlab::Group;
use crate::state::Shared;

const PAGE: usize = 2;

/// The groups in which the bearer has at least the role that the request names.
pub(super) async fn list(
    State(state): State<Shared>,
    base: Base,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let token = bearer::token(&headers);
    let target = Target::CloudListing(Cloud::GitLab);
    let call = match Call::admit(&state, target, Cloud::GitLab, token, &["api", "read_api"]) {
        Ok(call) => call,
        Err(denied) => return refuse(denied),
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
    let asked = Asked::of(&params, PAGE);
    let (items, next) = asked.take(&all);
    let root = Cloud::GitLab.root(&base);
    let list: Vec<Value> = items.iter().map(|group| item(&call, &root, group)).collect();
    let mut answer = Json(list).into_response();
    for (name, value) in place(&call, &asked, next, &all) {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// The headers that say where a page is. A page that is not there is an empty header, not an absent one.
fn place(
    call: &Call,
    asked: &Asked,
    next: Option<usize>,
    all: &[&Group],
) -> [(&'static str, String); 6] {
    let next = call.lies.next(next, |page| page.max(1).to_string());
    let previous = (asked.page > 1).then(|| (asked.page - 1).to_string());
    [
        ("x-next-page", next.unwrap_or_default()),
        ("x-page", asked.page.to_string()),
        ("x-per-page", asked.per_page.to_string()),
        ("x-prev-page", previous.unwrap_or_default()),
        ("x-total", all.len().to_string()),
        ("x-total-pages", asked.pages(all).to_string()),
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

fn refuse(denied: Denied) -> Response {
    let (status, body) = match denied {
        Denied::NoToken => (StatusCode::UNAUTHORIZED, json!({ "message": "401 Unauthorized" })),
        Denied::BadToken => (
            StatusCode::UNAUTHORIZED,
            json!({
                "error": "invalid_token",
                "error_description": "Token was revoked. You have to re-authorize from the user.",
            }),
        ),
        Denied::Scope => (
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
