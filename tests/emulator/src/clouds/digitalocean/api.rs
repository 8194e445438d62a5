//! `GET /v2/account` and `GET /v2/projects`.
//!
//! <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Projects>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::base_url::BaseUrl;
use crate::bearer;
use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::clouds::links::{self, PageRequest};
use crate::faults::Target;
use crate::params::Params;
use crate::personas::digitalocean::Project;
use crate::state::{EmulatorState, SharedState};

const PAGE: usize = 2;

/// The bearer and their team.
pub(super) async fn account(
    State(state): State<SharedState>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    let target = Target::CloudAccount(Cloud::DigitalOcean);
    let call = authenticate(&state, &headers, target, &["read", "account:read"])?;
    let person = call.person();
    let account = &person.accounts.digitalocean;
    let account = json!({ "account": {
        "droplet_limit": 25,
        "email": person.email,
        "name": call.name(person.name),
        "uuid": account.uuid,
        "email_verified": person.owns_email(),
        "status": "active",
        "status_message": "",
        "team": { "uuid": account.team_uuid, "name": account.team_name },
    } });
    Ok(Json(account).into_response())
}

/// The projects of the bearer's team.
pub(super) async fn projects(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ErrorResponse> {
    let target = Target::CloudListing(Cloud::DigitalOcean);
    let call = authenticate(&state, &headers, target, &["read", "project:read"])?;
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let page_request = PageRequest::parse(&params, PAGE);
    let all = call.person().accounts.digitalocean.projects;
    let (items, next) = page_request.take(all);
    let list: Vec<Value> = items.iter().map(|one| item(&call, one)).collect();
    let listing = format!("{}/v2/projects", Cloud::DigitalOcean.root(&base));
    let url = |page: usize| links::url(&listing, &params, page.max(1));
    let mut pages = Map::new();
    if let Some(next) = call.faults.next(next, url) {
        pages.insert("next".to_owned(), next.into());
        pages.insert("last".to_owned(), url(page_request.pages(all)).into());
    }
    if page_request.page > 1 {
        pages.insert("first".to_owned(), url(1).into());
        pages.insert("prev".to_owned(), url(page_request.page - 1).into());
    }
    // A listing of one page has no `pages` member.
    let links = if pages.is_empty() { json!({}) } else { json!({ "pages": pages }) };
    let page = json!({ "projects": list, "links": links, "meta": { "total": all.len() } });
    Ok(Json(page).into_response())
}

fn item(call: &Call, project: &Project) -> Value {
    json!({
        "id": project.id,
        "owner_uuid": call.person().accounts.digitalocean.team_uuid,
        "name": call.name(project.name),
        "description": "",
        "purpose": project.purpose,
        "environment": project.environment,
        "is_default": project.is_default,
        "created_at": "2024-03-01T09:00:00Z",
        "updated_at": "2024-03-01T09:00:00Z",
    })
}

fn authenticate(
    state: &EmulatorState,
    headers: &HeaderMap,
    target: Target,
    scopes: &[&str],
) -> Result<Call, ErrorResponse> {
    let token = bearer::token(headers);
    Call::authenticate(state, target, Cloud::DigitalOcean, token, scopes).map_err(ErrorResponse)
}

/// An error response.
pub(super) struct ErrorResponse(ApiError);

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let (status, id, message) = match self.0 {
            ApiError::NoToken | ApiError::InvalidToken => {
                (StatusCode::UNAUTHORIZED, "unauthorized", "Unable to authenticate you.")
            }
            ApiError::InsufficientScope => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "You are not authorized to perform this operation.",
            ),
        };
        (status, Json(json!({ "id": id, "message": message }))).into_response()
    }
}
