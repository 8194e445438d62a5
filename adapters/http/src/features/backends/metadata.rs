//! Authorization server metadata (RFC 8414).

use serde::Serialize;
use warp::{
    http::{HeaderValue, header},
    reply::Response,
};

use super::{Backends, exchange::TOKEN_EXCHANGE};
use crate::response::json;

/// The ways in which backends authenticate.
const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// The algorithms of their assertions.
const ALGORITHMS: [&str; 2] = ["ES256", "RS256"];

/// The metadata. There is no `authorization_endpoint`: people sign in at `/api/login/{provider}`, which is
/// no OAuth endpoint, so no response type is supported.
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    jwks_uri: String,
    token_endpoint: String,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    grant_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 0],
    code_challenge_methods_supported: [&'static str; 1],
}

impl Backends {
    pub(super) fn metadata(&self) -> Response {
        let issuer = self.exchange.read.issuer.as_str();
        let mut response = json(&Metadata {
            issuer,
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            token_endpoint: format!("{issuer}/oauth2/token"),
            token_endpoint_auth_methods_supported: METHODS,
            token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            introspection_endpoint: format!("{issuer}/oauth2/introspect"),
            introspection_endpoint_auth_methods_supported: METHODS,
            introspection_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
            grant_types_supported: [TOKEN_EXCHANGE],
            response_types_supported: [],
            code_challenge_methods_supported: ["S256"],
        });
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        // It is public: pages of any origin may read it.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}
