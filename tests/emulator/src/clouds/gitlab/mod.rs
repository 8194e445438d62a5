//! GitLab: an OpenID provider, and the listing of groups.
//!
//! <https://docs.gitlab.com/integration/openid_connect_provider/>

mod groups;
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
    scope: Some("api"),
    needs_pkce: false,
    optional: &[],
    access: Token { prefix: "", digits: 64, lifetime: Some(7200) },
    refresh: Some(RefreshPolicy {
        issuance: Issuance::Always,
        rotation: Rotation::Replaced,
        token: Token { prefix: "", digits: 64, lifetime: Some(REFRESH_TOKEN_LIFETIME) },
    }),
};

pub(super) fn routes() -> Router<SharedState> {
    let endpoints = Cloud::GitLab.endpoints();
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route(endpoints.token, post(token::post))
        .route(endpoints.listing, get(groups::list))
}

async fn metadata(State(state): State<SharedState>, base: BaseUrl) -> Json<Value> {
    let own = json!({
        "scopes_supported": ["api", "read_api", "read_user", "openid", "profile", "email"],
        "response_modes_supported": ["query"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "name", "nickname", "preferred_username", "email", "email_verified"
        ],
    });
    openid::metadata(&state, Cloud::GitLab, &base, own)
}
