//! DigitalOcean: OAuth with the user's identity in the token response, and the listing of projects.
//!
//! <https://docs.digitalocean.com/reference/api/oauth/>

mod api;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{
    Issuance, ProviderProfile, REFRESH_TOKEN_LIFETIME, RefreshPolicy, Rotation, Token,
};
use crate::cloud::Cloud;
use crate::state::SharedState;

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: Some("read"),
    needs_pkce: false,
    optional: &[],
    access: Token { prefix: "doo_v1_", digits: 64, lifetime: Some(2_592_000) },
    refresh: Some(RefreshPolicy {
        issuance: Issuance::Always,
        rotation: Rotation::Replaced,
        token: Token { prefix: "dor_v1_", digits: 64, lifetime: Some(REFRESH_TOKEN_LIFETIME) },
    }),
};

pub(super) fn routes() -> Router<SharedState> {
    let endpoints = Cloud::DigitalOcean.endpoints();
    Router::new()
        .route(endpoints.token, post(token::post))
        .route("/v2/account", get(api::account))
        .route(endpoints.listing, get(api::projects))
}
