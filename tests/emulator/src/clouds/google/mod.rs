//! Google: an OpenID provider, and the listing of Google Cloud's projects.
//!
//! <https://developers.google.com/identity/openid-connect/openid-connect>

mod projects;
mod token;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::openid;
use super::profile::{
    Issuance, ProviderProfile, REFRESH_TOKEN_LIFETIME, RefreshPolicy, Rotation, Token,
};
use crate::base_url::BaseUrl;
use crate::cloud::Cloud;
use crate::state::SharedState;

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: None,
    needs_pkce: false,
    optional: &[],
    access: Token { prefix: "ya29.", digits: 64, lifetime: Some(3599) },
    refresh: Some(RefreshPolicy {
        issuance: Issuance::WithOfflineAccessType,
        rotation: Rotation::Omitted,
        token: Token { prefix: "1//", digits: 64, lifetime: Some(REFRESH_TOKEN_LIFETIME) },
    }),
};

pub(super) fn routes() -> Router<SharedState> {
    let endpoints = Cloud::Google.endpoints();
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route(endpoints.token, post(token::post))
        .route(endpoints.listing, get(projects::search))
}

async fn metadata(State(state): State<SharedState>, base: BaseUrl) -> Json<Value> {
    let own = json!({
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "hd", "iat", "iss", "name", "sub"
        ],
    });
    openid::metadata(&state, Cloud::Google, &base, own)
}
