//! Discovery document, key set and ID tokens of the clouds that are OpenID providers.

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

use super::exchange::Issued;
use crate::base_url::BaseUrl;
use crate::cloud::Cloud;
use crate::faults::{FaultKind, Occasion, Target};
use crate::id_token::UnsignedIdToken;
use crate::keys::Key;
use crate::openid_faults::{corrupt_keys, corrupt_metadata};
use crate::signing::at_hash;
use crate::state::{EmulatorState, SharedState};

/// The claims of an ID token.
pub(crate) type Claims = Map<String, Value>;

/// The discovery document (OpenID Connect Discovery section 3): the shared members, then the cloud's `own`.
pub(crate) fn metadata(
    state: &EmulatorState,
    cloud: Cloud,
    base: &BaseUrl,
    own: Value,
) -> Json<Value> {
    let (root, endpoints) = (cloud.root(base), cloud.endpoints());
    let mut document = json!({
        "issuer": root,
        "authorization_endpoint": format!("{root}{}", endpoints.authorize),
        "token_endpoint": format!("{root}{}", endpoints.token),
        "jwks_uri": format!("{root}{}", endpoints.keys.unwrap_or_default()),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
    });
    if let (Some(document), Value::Object(own)) = (document.as_object_mut(), own) {
        document.extend(own);
    }
    corrupt_metadata(state, Target::CloudDiscovery(cloud), &mut document);
    Json(document)
}

/// The key set; all providers of the emulator sign with the same keys.
pub(crate) async fn keys(
    State(state): State<SharedState>,
    Extension(cloud): Extension<Cloud>,
) -> Json<Value> {
    let ring = state.keys();
    let mut keys: Vec<Value> = ring.published().map(Key::jwk).collect();
    for key in &mut keys {
        key["alg"] = "RS256".into();
    }
    corrupt_keys(&state, Target::CloudKeys(cloud), &mut keys);
    Json(json!({ "keys": keys }))
}

/// Issues an ID token if the scope has `openid`; `own` adds the cloud's claims.
pub(crate) fn id_token(
    state: &EmulatorState,
    base: &BaseUrl,
    issued: &Issued,
    sub: &str,
    lifetime: i64,
    own: impl FnOnce(&mut Claims),
) -> Option<String> {
    let grant = &issued.grant;
    if !grant.has("openid") {
        return None;
    }
    let occasion = Occasion::at(Target::CloudToken(grant.cloud)).grant(issued.grant_type);
    let faults = state.content_faults(occasion, FaultKind::is_about_id_token);
    let algorithm = faults.iter().find_map(FaultKind::algorithm);
    let now = state.now();
    let mut claims = Claims::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", grant.cloud.root(base).into());
    set("aud", grant.cloud.client().client_id.into());
    set("sub", sub.into());
    set("iat", now.into());
    set("exp", (now + lifetime).into());
    set("at_hash", at_hash(&issued.access_token, algorithm).into());
    if let Some(nonce) = &grant.nonce {
        set("nonce", nonce.as_str().into());
    }
    if grant.has("profile") {
        set("name", grant.person.name.into());
    }
    if let Some(email) = grant.person.email.filter(|_| grant.has("email")) {
        set("email", email.into());
        set("email_verified", grant.person.owns_email().into());
    }
    own(&mut claims);
    let keys = state.keys();
    Some(UnsignedIdToken::new(keys.signing(), claims).with_faults(faults, now).sign(keys.signing()))
}
