//! AWS IAM Identity Center: a JSON token endpoint and the accounts of the access portal. It has no user identity.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>

mod accounts;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::profile::{
    Issuance, ProviderProfile, REFRESH_TOKEN_LIFETIME, RefreshPolicy, Rotation, Token,
};
use crate::cloud::Cloud;
use crate::state::SharedState;

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: Some("sso:account:access"),
    needs_pkce: true,
    optional: &[],
    access: Token { prefix: "aoa", digits: 64, lifetime: Some(3600) },
    refresh: Some(RefreshPolicy {
        issuance: Issuance::Always,
        rotation: Rotation::Additional,
        token: Token { prefix: "aor", digits: 64, lifetime: Some(REFRESH_TOKEN_LIFETIME) },
    }),
};

pub(super) fn routes() -> Router<SharedState> {
    let endpoints = Cloud::Aws.endpoints();
    Router::new()
        .route(endpoints.token, post(token::post))
        .route(endpoints.listing, get(accounts::list))
}
