//! `/_emulator/…`: faults, keys and the journal, for tests in any language.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::faults::Fault;
use crate::journal::JournalEntry;
use crate::state::SharedState;

pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/_emulator/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_emulator/keys/rotate", post(rotate_keys))
        .route("/_emulator/requests", get(requests).delete(clear_requests))
        .route("/_emulator/reset", post(reset))
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

async fn requests(State(state): State<SharedState>) -> Json<Vec<JournalEntry>> {
    Json(state.requests())
}

async fn clear_requests(State(state): State<SharedState>) -> StatusCode {
    state.clear_requests();
    StatusCode::NO_CONTENT
}

async fn reset(State(state): State<SharedState>) -> StatusCode {
    generate_keys(move || state.reset().is_ok()).await
}

/// Runs key generation off the async threads.
async fn generate_keys(work: impl FnOnce() -> bool + Send + 'static) -> StatusCode {
    match tokio::task::spawn_blocking(work).await {
        Ok(true) => StatusCode::NO_CONTENT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
