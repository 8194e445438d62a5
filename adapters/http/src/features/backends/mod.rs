//! The backends of apps: token exchange, introspection, and the metadata by which clients find both.
//!
//! * `client.rs`: who asks;
//! * `form.rs`: the parameters;
//! * `exchange.rs`: `POST /oauth2/token`;
//! * `introspection.rs`: `POST /oauth2/introspect`;
//! * `metadata.rs`: the metadata.

mod client;
mod exchange;
mod form;
mod introspection;
mod metadata;

use portico_domain::use_cases::{AuthenticateClient, ExchangeToken, InvalidSessionJwt};
use url::Url;

#[cfg(feature = "testing")]
pub(crate) use self::{client::basic as basic_credentials, exchange::exchange_request};
use crate::{
    error::{ErrorCode, Failure},
    response::Rendering,
    routing::{Access, GET, NO_BODY, POST, Route},
};

/// The longest form: two JWTs and some parameters.
const MAX_FORM: usize = 16 * 1_024;

/// Dependencies of the feature.
pub(crate) struct Backends {
    pub(super) authenticate: AuthenticateClient,
    pub(super) exchange: ExchangeToken,
    /// Portico's base URL.
    pub(super) portico: Url,
}

impl Backends {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "token_exchange",
            methods: POST,
            path: "/oauth2/token",
            body_limit: MAX_FORM,
            rendering: Rendering::OAuthJson,
            access: Access::Browser,
            handler: |backends, call| Box::pin(async move { backends.exchange(&call).await }),
        },
        Route {
            name: "token_introspection",
            methods: POST,
            path: "/oauth2/introspect",
            body_limit: MAX_FORM,
            rendering: Rendering::OAuthJson,
            access: Access::Browser,
            handler: |backends, call| Box::pin(async move { backends.introspect(&call).await }),
        },
        Route {
            name: "server_metadata",
            methods: GET,
            path: "/.well-known/oauth-authorization-server",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |backends, _| Box::pin(async move { Ok(backends.metadata()) }),
        },
    ];
}

/// The failure of a request whose session JWT is not valid. The response tells a backend that is no
/// more than who it asks for needs; the log has the check.
fn invalid_subject(error: &InvalidSessionJwt) -> Failure {
    match error {
        InvalidSessionJwt::Store(error) => Failure::store(error),
        InvalidSessionJwt::Away(_) => Failure::from(ErrorCode::BackendProviderAway).because(error),
        _ => Failure::from(ErrorCode::BadSubjectToken).because(error),
    }
}
