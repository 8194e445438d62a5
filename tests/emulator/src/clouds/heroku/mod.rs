//! Heroku: plain OAuth, an API that wants to be asked for by version, and listings by range.
//!
//! <https://devcenter.heroku.com/articles/oauth>

mod api;
mod range;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{
    Endpoints, Field, Given, ProviderProfile, REFRESH_LIFE, Refresh, Token, Used,
};
use crate::state::Shared;

pub(super) const ENDPOINTS: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    account: Some("/account"),
    listing: "/teams",
};

pub(super) const MANNERS: ProviderProfile = ProviderProfile {
    scope: Some("identity"),
    needs_pkce: false,
    optional: &[Field::ClientId, Field::RedirectUri],
    access: Token { prefix: "HRKU-", digits: 64, life: Some(28_799) },
    refresh: Some(Refresh {
        given: Given::Always,
        used: Used::Same,
        token: Token { prefix: "HRKU-", digits: 64, life: Some(REFRESH_LIFE) },
    }),
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route(ENDPOINTS.token, post(token::post))
        .route("/account", get(api::account))
        .route(ENDPOINTS.listing, get(api::teams))
}
