//! GitHub for an OAuth app: no ID token, no refresh token, token errors with status 200.
//!
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>

mod api;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{Endpoints, Field, ProviderProfile, Token};
use crate::state::SharedState;

pub(super) const ENDPOINTS: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
    account: Some("/api/user"),
    listing: "/api/user/orgs",
};

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: Some(""),
    needs_pkce: false,
    optional: &[Field::RedirectUri],
    access: Token { prefix: "gho_", digits: 36, lifetime: None },
    refresh: None,
};

pub(super) fn routes() -> Router<SharedState> {
    Router::new()
        .route(ENDPOINTS.token, post(token::post))
        .route("/api/user", get(api::user))
        .route(ENDPOINTS.listing, get(api::organizations))
}
