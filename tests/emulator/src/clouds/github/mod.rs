//! GitHub for an OAuth app: no ID token, no refresh token, token errors with status 200.
//!
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>

mod api;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{Field, ProviderProfile, Token};
use crate::cloud::Cloud;
use crate::state::SharedState;

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: Some(""),
    needs_pkce: false,
    optional: &[Field::RedirectUri],
    access: Token { prefix: "gho_", digits: 36, lifetime: None },
    refresh: None,
};

pub(super) fn routes() -> Router<SharedState> {
    let endpoints = Cloud::GitHub.endpoints();
    Router::new()
        .route(endpoints.token, post(token::post))
        .route("/api/user", get(api::user))
        .route(endpoints.listing, get(api::organizations))
}
