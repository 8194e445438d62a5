//! The public keys of session JWTs.

use portico_domain::use_cases::KeepSigningKeys;
use serde::Serialize;
use serde_json::Value;
use warp::{
    http::{HeaderValue, header},
    reply::Response,
};

use crate::{
    response::{Rendering, json},
    routing::{Access, GET, NO_BODY, Route},
};

/// Dependencies of the feature.
pub(crate) struct PublicKeys {
    pub(super) keys: KeepSigningKeys,
}

/// A JWK set (RFC 7517 section 5).
#[derive(Serialize)]
struct JwkSet {
    keys: Vec<Value>,
}

impl PublicKeys {
    pub(super) const ROUTES: &[Route<Self>] = &[Route {
        name: "public_keys",
        methods: GET,
        path: "/.well-known/jwks.json",
        body_limit: NO_BODY,
        rendering: Rendering::Json,
        access: Access::Browser,
        handler: |keys, _| Box::pin(async move { Ok(keys.show()) }),
    }];

    /// The keys. Verifiers keep them for five minutes; a new key is published a day before it signs.
    fn show(&self) -> Response {
        let mut response = json(&JwkSet { keys: self.keys.public_jwks() });
        let headers = response.headers_mut();
        let cache = HeaderValue::from_static("public, max-age=300");
        headers.insert(header::CACHE_CONTROL, cache);
        // They are public: pages of any origin may verify with them.
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        response
    }
}
