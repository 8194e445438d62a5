//! Heroku: plain OAuth, an API with its version in `Accept`, and listings paged by `Range`.
//!
//! <https://devcenter.heroku.com/articles/oauth>

mod api;
mod range;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{
    Field, Issuance, ProviderProfile, REFRESH_TOKEN_LIFETIME, RefreshPolicy, Rotation, Token,
};
use crate::cloud::Cloud;
use crate::state::SharedState;

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
    let endpoints = Cloud::Heroku.endpoints();
    Router::new()
        .route(endpoints.token, post(token::post))
        .route("/account", get(api::account))
        .route(endpoints.listing, get(api::teams))
}
