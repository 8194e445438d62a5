//! `/_emulator/…`: faults, refusals, tokens, keys and the journal, for tests in any language.
//!
//! | Method and path | Does |
//! |---|---|
//! | GET, POST, DELETE `/_emulator/faults` | lists, injects, removes all [`Fault`]s |
//! | GET `/_emulator/tenants` | what each tenant refuses, by tenant id |
//! | PUT, DELETE `/_emulator/tenants/{tenant}/refusal` | makes a tenant refuse (a [`Refusal`]), ends that |
//! | GET, PUT `/_emulator/tokens` | the [`TokenSettings`] |
//! | GET `/_emulator/people/{user_name}/sessions` | the ids (`sid`) of the person's sessions at Entra ID |
//! | DELETE `/_emulator/people/{user_name}/sessions` | signs the person out of Entra ID: ends their sessions and revokes their refresh tokens |
//! | PUT `/_emulator/logout_urls` | registers these front-channel logout URLs, an array |
//! | GET `/_emulator/requests` | the [`JournalEntry`]s, with `?grant_type=refresh_token` only the refreshes |
//! | DELETE `/_emulator/requests` | empties the journal |
//! | POST `/_emulator/keys/rotate` | new signing keys; `{"keep_old": true}` keeps publishing the old ones |
//! | POST `/_emulator/reset` | restores the state of the start |

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::directory::{Refusal, TokenSettings};
use crate::faults::Fault;
use crate::journal::JournalEntry;
use crate::personas::WORLD;
use crate::state::SharedState;

pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/_emulator/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_emulator/keys/rotate", post(rotate_keys))
        .route("/_emulator/requests", get(requests).delete(clear_requests))
        .route("/_emulator/reset", post(reset))
        .route("/_emulator/tokens", get(tokens).put(set_tokens))
        .route("/_emulator/tenants", get(refusals))
        .route("/_emulator/tenants/{tenant}/refusal", put(refuse).delete(accept))
        .route("/_emulator/people/{user_name}/sessions", get(sessions).delete(revoke_sessions))
        .route("/_emulator/logout_urls", put(set_logout_urls))
}

async fn faults(State(state): State<SharedState>) -> Json<Vec<Fault>> {
    Json(state.faults())
}

async fn add_fault(State(state): State<SharedState>, Json(fault): Json<Fault>) -> Response {
    if let Some(why) = fault.does_not_apply() {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": why }))).into_response();
    }
    state.add_fault(fault);
    StatusCode::NO_CONTENT.into_response()
}

async fn clear_faults(State(state): State<SharedState>) -> StatusCode {
    state.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    keep_old: bool,
}

async fn rotate_keys(
    State(state): State<SharedState>,
    Json(rotation): Json<Rotation>,
) -> StatusCode {
    generate_keys(move || state.rotate_keys(rotation.keep_old).is_ok()).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Selection {
    /// Only requests with this grant type.
    grant_type: Option<String>,
}

async fn requests(
    State(state): State<SharedState>,
    Query(selection): Query<Selection>,
) -> Json<Vec<JournalEntry>> {
    let mut requests = state.requests();
    if selection.grant_type.is_some() {
        requests.retain(|entry| entry.grant_type == selection.grant_type);
    }
    Json(requests)
}

async fn clear_requests(State(state): State<SharedState>) -> StatusCode {
    state.clear_requests();
    StatusCode::NO_CONTENT
}

async fn reset(State(state): State<SharedState>) -> StatusCode {
    generate_keys(move || state.reset().is_ok()).await
}

async fn tokens(State(state): State<SharedState>) -> Json<TokenSettings> {
    Json(state.token_settings())
}

async fn set_tokens(
    State(state): State<SharedState>,
    Json(settings): Json<TokenSettings>,
) -> StatusCode {
    state.directory().settings = settings;
    StatusCode::NO_CONTENT
}

async fn refusals(State(state): State<SharedState>) -> Json<BTreeMap<&'static str, Refusal>> {
    Json(state.directory().refusals.list())
}

async fn refuse(
    State(state): State<SharedState>,
    Path(tenant): Path<String>,
    Json(refusal): Json<Refusal>,
) -> StatusCode {
    let Some(tenant) = WORLD.tenant(&tenant) else { return StatusCode::NOT_FOUND };
    state.directory().refusals.refuse(tenant, refusal);
    StatusCode::NO_CONTENT
}

async fn accept(State(state): State<SharedState>, Path(tenant): Path<String>) -> StatusCode {
    let Some(tenant) = WORLD.tenant(&tenant) else { return StatusCode::NOT_FOUND };
    state.directory().refusals.accept(tenant);
    StatusCode::NO_CONTENT
}

async fn sessions(State(state): State<SharedState>, Path(user_name): Path<String>) -> Response {
    let Some(person) = WORLD.person(&user_name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    Json(state.directory().sessions.of(person)).into_response()
}

async fn set_logout_urls(
    State(state): State<SharedState>,
    Json(urls): Json<Vec<String>>,
) -> StatusCode {
    state.directory().sessions.register(urls);
    StatusCode::NO_CONTENT
}

async fn revoke_sessions(
    State(state): State<SharedState>,
    Path(user_name): Path<String>,
) -> StatusCode {
    let Some(person) = WORLD.person(&user_name) else { return StatusCode::NOT_FOUND };
    state.directory().revoke_sessions(person);
    StatusCode::NO_CONTENT
}

/// Runs key generation off the async threads.
async fn generate_keys(work: impl FnOnce() -> bool + Send + 'static) -> StatusCode {
    match tokio::task::spawn_blocking(work).await {
        Ok(true) => StatusCode::NO_CONTENT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
