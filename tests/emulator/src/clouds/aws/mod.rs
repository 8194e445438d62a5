//! AWS IAM Identity Center: tokens in JSON, the accounts of the access portal, and not a word on who somebody is.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>

mod accounts;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{Endpoints, Given, ProviderProfile, REFRESH_LIFE, Refresh, Token, Used};
use crate::state::Shared;

pub(super) const ENDPOINTS: Endpoints = Endpoints {
    discovery: None,
    keys: None,
    authorize: "/authorize",
    token: "/token",
    account: None,
    listing: "/assignment/accounts",
};

pub(super) const MANNERS: ProviderProfile = ProviderProfile {
    scope: Some("sso:account:access"),
    needs_pkce: true,
    optional: &[],
    access: Token { prefix: "aoa", digits: 64, life: Some(3600) },
    refresh: Some(Refresh {
        given: Given::Always,
        used: Used::Another,
        token: Token { prefix: "aor", digits: 64, life: Some(REFRESH_LIFE) },
    }),
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route(ENDPOINTS.token, post(token::post))
        .route(ENDPOINTS.listing, get(accounts::list))
}
