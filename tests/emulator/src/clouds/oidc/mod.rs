//! A standard OpenID provider, such as Keycloak or Dex, and an API that accepts its tokens.
//!
//! Unlike the others it sends `iss` to the redirect URI (RFC 9207) and has a logout endpoint.

mod environments;
mod push;
mod token;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::openid;
use super::profile::{
    Issuance, ProviderProfile, REFRESH_TOKEN_LIFETIME, RefreshPolicy, Rotation, Token,
};
use crate::base_url::BaseUrl;
use crate::callback;
use crate::cloud::Cloud;
use crate::params::Params;
use crate::state::SharedState;

pub(super) const PROFILE: ProviderProfile = ProviderProfile {
    scope: None,
    needs_pkce: false,
    optional: &[],
    access: Token { prefix: "", digits: 64, lifetime: Some(300) },
    refresh: Some(RefreshPolicy {
        issuance: Issuance::WithOfflineAccessScope,
        rotation: Rotation::Additional,
        token: Token { prefix: "", digits: 64, lifetime: Some(REFRESH_TOKEN_LIFETIME) },
    }),
};

/// The path of the pushed authorization request endpoint.
const PUSH: &str = "/par";

pub(super) fn routes() -> Router<SharedState> {
    let endpoints = Cloud::Oidc.endpoints();
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route(endpoints.token, post(token::post))
        .route(PUSH, post(push::post))
        .route("/logout", get(logout))
        .route(endpoints.listing, get(environments::list))
}

async fn metadata(State(state): State<SharedState>, base: BaseUrl) -> Json<Value> {
    let own = json!({
        "pushed_authorization_request_endpoint": format!("{}{PUSH}", Cloud::Oidc.root(&base)),
        "require_pushed_authorization_requests": state.pushed().is_required(),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "end_session_endpoint": format!("{}/logout", Cloud::Oidc.root(&base)),
        "response_modes_supported": ["query"],
        "scopes_supported": ["openid", "email", "profile", "offline_access"],
        "claims_supported": [
            "aud", "azp", "email", "email_verified", "exp", "iat", "iss", "name", "nonce", "preferred_username", "sub"
        ],
    });
    openid::metadata(&state, Cloud::Oidc, &base, own)
}

/// OpenID Connect RP-Initiated Logout. The emulator keeps no browser session, so this only redirects.
async fn logout(State(state): State<SharedState>, RawQuery(query): RawQuery) -> Response {
    callback::logout_response(&state, &Params::parse(query.unwrap_or_default().as_bytes()))
}
