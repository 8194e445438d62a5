//! Heroku: plain OAuth, an API with its version in `Accept`, and listings paged by `Range`.
//!
//! <https://devcenter.heroku.com/articles/oauth>

mod api;
mod range;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{
    Endpoints, Field, Issuance, ProviderProfile, REFRESH_TOKEN_LIFETIME, RefreshPolicy, Rotation,
    Token,
};
use crate::state::SharedState;

pub(super) const ENDPOINTS: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    account: Some("/account"),
    listing: "/teams",
};

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: Some("identity"),
    needs_pkce: false,
    optional: &[Field::ClientId, Field::RedirectUri],
    access: Token { prefix: "HRKU-", digits: 64, lifetime: Some(28_799) },
    refresh: Some(RefreshPolicy {
        issuance: Issuance::Always,
        rotation: Rotation::Same,
        token: Token { prefix: "HRKU-", digits: 64, lifetime: Some(REFRESH_TOKEN_LIFETIME) },
    }),
};

pub(super) fn routes() -> Router<SharedState> {
    Router::new()
        .route(ENDPOINTS.token, post(token::post))
        .route("/account", get(api::account))
        .route(ENDPOINTS.listing, get(api::teams))
}
