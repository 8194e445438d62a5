//! `GET /api/user` and `GET /api/user/orgs`.
//!
//! <https://docs.github.com/en/rest/orgs/orgs#list-organizations-for-the-authenticated-user>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::base_url::BaseUrl;
use crate::bearer;
use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::clouds::links::{self, PageRequest};
use crate::faults::{Target, set_header};
use crate::params::Params;
use crate::state::{EmulatorState, SharedState};

const PAGE: usize = 2;

/// The bearer.
pub(super) async fn user(
    State(state): State<SharedState>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    let call = authenticate(&state, &headers, Target::CloudAccount(Cloud::GitHub), &[])?;
    let person = call.person();
    let account = &person.accounts.github;
    let user = json!({
        "login": account.login,
        "id": account.id,
        "type": "User",
        "site_admin": false,
        "name": call.name(person.name),
        "email": person.email,
        "created_at": "2011-01-25T18:44:36Z",
    });
    Ok(Json(user).into_response())
}

/// The organizations of the bearer.
pub(super) async fn organizations(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ErrorResponse> {
    let target = Target::CloudListing(Cloud::GitHub);
    let call = authenticate(&state, &headers, target, &["read:org", "user"])?;
    if let Some(url) = call.faults.sign_on_at() {
        return Ok(sso_required(url));
    }
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let page_request = PageRequest::parse(&params, PAGE);
    let all = call.person().accounts.github.organizations;
    let seen: Vec<_> = all.iter().filter(|one| !call.faults.left_out().contains(&one.id)).collect();
    let (items, next) = page_request.take(&seen);
    let list: Vec<Value> = items
        .iter()
        .map(|one| {
            json!({ "login": call.name(one.login), "id": one.id, "description": one.description })
        })
        .collect();
    let listing = format!("{}/api/user/orgs", Cloud::GitHub.root(&base));
    let links = links(&call, &page_request, (next, page_request.pages(&seen)), |page| {
        links::url(&listing, &params, page.max(1))
    });
    let mut answer = Json(list).into_response();
    if let (false, Ok(links)) = (links.is_empty(), links.parse()) {
        answer.headers_mut().insert(header::LINK, links);
    }
    let left_out: Vec<_> = call.faults.left_out().iter().map(u64::to_string).collect();
    if !left_out.is_empty() {
        let value = format!("partial-results; organizations={}", left_out.join(","));
        set_header(&mut answer, SSO, &value);
    }
    call.faults.headers().for_each(|(name, value)| set_header(&mut answer, name, value));
    Ok(answer)
}

/// <https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api>
const SSO: &str = "x-github-sso";

fn sso_required(url: &str) -> Response {
    let message = "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this \
                   organization.";
    let mut answer = (StatusCode::FORBIDDEN, Json(json!({ "message": message }))).into_response();
    set_header(&mut answer, SSO, &format!("required; url={url}"));
    answer
}

/// The `Link` header (RFC 8288); empty for a single page.
fn links(
    call: &Call,
    page_request: &PageRequest,
    (next, last): (Option<usize>, usize),
    url: impl Fn(usize) -> String,
) -> String {
    let mut links = Vec::new();
    if let Some(next) = call.faults.next(next, &url) {
        links.push(format!("<{next}>; rel=\"next\""));
        links.push(format!("<{}>; rel=\"last\"", url(last)));
    }
    if page_request.page > 1 {
        links.push(format!("<{}>; rel=\"first\"", url(1)));
        links.push(format!("<{}>; rel=\"prev\"", url(page_request.page - 1)));
    }
    links.join(", ")
}

fn authenticate(
    state: &EmulatorState,
    headers: &HeaderMap,
    target: Target,
    scopes: &[&str],
) -> Result<Call, ErrorResponse> {
    if headers.get(header::USER_AGENT).is_none_or(|agent| agent.is_empty()) {
        return Err(ErrorResponse::NoUserAgent);
    }
    let token = bearer::token(headers);
    Call::authenticate(state, target, Cloud::GitHub, token, scopes).map_err(ErrorResponse::ApiError)
}

/// An error response.
pub(super) enum ErrorResponse {
    /// GitHub requires a `User-Agent` header.
    NoUserAgent,
    ApiError(ApiError),
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NoUserAgent => {
                let text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent \
                            header.";
                return (StatusCode::FORBIDDEN, text).into_response();
            }
            Self::ApiError(ApiError::NoToken) => {
                (StatusCode::UNAUTHORIZED, "Requires authentication")
            }
            Self::ApiError(ApiError::InvalidToken) => (StatusCode::UNAUTHORIZED, "Bad credentials"),
            Self::ApiError(ApiError::InsufficientScope) => (
                StatusCode::FORBIDDEN,
                "You need at least read:org scope or user scope to list your organizations.",
            ),
        };
        let body = json!({
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": status.as_u16().to_string(),
        });
        (status, Json(body)).into_response()
    }
}
