//! The discovery document, the key set, and the instance discovery that MSAL requests.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::Authority;
use super::error::EntraError;
use crate::base_url::BaseUrl;
use crate::faults::Target;
use crate::openid_faults;
use crate::state::SharedState;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) async fn metadata(
    State(state): State<SharedState>,
    base: BaseUrl,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, EntraError> {
    let authority = Authority::parse(&tenant)?;
    let mut document = document(&base, authority);
    openid_faults::corrupt_metadata(&state, Target::Discovery, &mut document);
    Ok(Json(document))
}

fn document(base: &BaseUrl, authority: Authority) -> Value {
    let root = format!("{base}/{}", authority.segment());
    json!({
        "token_endpoint": format!("{root}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{root}/discovery/v2.0/keys"),
        "response_modes_supported": ["query"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": authority.issuer(base),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{root}/oauth2/v2.0/authorize"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{root}/oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "oid", "email"
        ],
        "tenant_region_scope": "EU",
    })
}

/// `GET /{tenant}/discovery/v2.0/keys`
pub(crate) async fn keys(
    State(state): State<SharedState>,
    base: BaseUrl,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, EntraError> {
    let authority = Authority::parse(&tenant)?;
    let ring = state.keys();
    let mut keys: Vec<Value> = ring.published().map(crate::keys::Key::jwk).collect();
    for key in &mut keys {
        key["issuer"] = authority.issuer(&base).into();
    }
    openid_faults::corrupt_keys(&state, Target::Keys, &mut keys);
    Ok(Json(json!({ "keys": keys })))
}

/// `GET /common/discovery/instance`: the host names of this cloud.
pub(crate) async fn instance(base: BaseUrl) -> Json<Value> {
    let text = base.to_string();
    let host = text.split_once("://").map_or(text.as_str(), |(_, host)| host);
    Json(json!({
        "tenant_discovery_endpoint": format!("{base}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    }))
}
