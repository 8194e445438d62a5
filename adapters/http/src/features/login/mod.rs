//! Sign-in: the redirect to the identity provider, and the callback.

mod again;
mod begin;
mod complete;
mod error;
mod record;

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    identity::ProviderId,
    ports::Entropy,
    provider::Providers,
    return_to::Destinations,
    session::SessionPolicy,
    use_cases::{BeginLogin, CompleteLogin},
};
use warp::reply::Response;

#[cfg(feature = "testing")]
pub(crate) use self::{begin::login_request, complete::callback};
use crate::{
    error::{ErrorCode, Failure},
    limits::LoginLimiter,
    providers::{ProviderNotes, name_of},
    request::{Call, Cookies, is_navigation},
    response::{CorrelationIds, Rendering},
    routing::{Access, GET, NO_BODY, Route},
    session::SessionReader,
};

/// Dependencies of the feature.
pub(crate) struct Login {
    /// Of a lower priority than the threads of requests.
    pub(super) threads: Arc<Background>,
    pub(super) begin_login: BeginLogin,
    pub(super) complete_login: CompleteLogin,
    pub(super) providers: Providers,
    pub(super) provider_notes: ProviderNotes,
    pub(super) destinations: Destinations,
    pub(super) policy: SessionPolicy,
    pub(super) limiter: Arc<LoginLimiter>,
    pub(super) sessions: Arc<SessionReader>,
    pub(super) cookies: Cookies,
    pub(super) correlations: CorrelationIds,
    pub(super) entropy: Arc<dyn Entropy>,
    /// Whether a path belongs to Portico.
    pub(super) owns_path: fn(&str) -> bool,
}

/// The provider of `/getAToken`, the redirect URI of the Flask endpoint that Portico replaces.
const AZURE: &str = "azure";

impl Login {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "login_begin",
            methods: GET,
            path: "/api/login/{provider}",
            body_limit: NO_BODY,
            rendering: Rendering::Redirect,
            access: Access::Browser,
            handler: |login, call| {
                Box::pin(async move {
                    let offered = login.offered(&call.parameter);
                    let begun = begin::begin(&login, &call).await;
                    begun.map_err(|failure| failure.with_provider(offered))
                })
            },
        },
        Route {
            name: "login_complete",
            methods: GET,
            path: "/api/callback/{provider}",
            body_limit: NO_BODY,
            rendering: Rendering::Redirect,
            access: Access::Browser,
            handler: |login, call| {
                Box::pin(async move { login.complete(&call, &call.parameter).await })
            },
        },
        Route {
            name: "login_complete_azure",
            methods: GET,
            path: "/getAToken",
            body_limit: NO_BODY,
            rendering: Rendering::Redirect,
            access: Access::Browser,
            handler: |login, call| {
                Box::pin(async move {
                    let completed = login.complete(&call, AZURE).await;
                    completed.map_err(complete::without_code)
                })
            },
        },
    ];

    async fn complete(self: &Arc<Self>, call: &Call, provider: &str) -> Result<Response, Failure> {
        let completed = complete::complete(self, call, provider).await;
        completed.map_err(|failure| failure.with_provider(self.offered(provider)))
    }

    /// The provider in a path, if it is offered: other text must not reach the log.
    fn offered(&self, provider: &str) -> Option<ProviderId> {
        let id = ProviderId::parse(provider).ok()?;
        self.providers.find(&id).is_some().then_some(id)
    }

    /// Whether this provider is offered; a failure while its plug-in is being loaded.
    fn is_offered(&self, provider: &ProviderId) -> Result<bool, Failure> {
        // In this order: a plug-in that finishes loading in between is found.
        let loading = self.provider_notes.is_provider_loading(provider);
        match self.providers.find(provider) {
            Some(_) => Ok(true),
            None if loading => {
                Err(Failure::at_provider(ErrorCode::ProviderNotLoaded, provider.as_str()))
            }
            None => Ok(false),
        }
    }

    fn provider_count(&self) -> usize {
        self.providers.all().len()
    }

    fn name_of(&self, provider: &ProviderId) -> String {
        name_of(&self.providers, provider)
    }
}

fn parse_provider_id(provider: &str) -> Result<ProviderId, Failure> {
    ProviderId::parse(provider).map_err(|_| ErrorCode::UnknownProvider.into())
}

/// Refuses embedded resources and prefetches.
pub(super) fn require_navigation(call: &Call) -> Result<(), Failure> {
    match is_navigation(&call.head.method, call.headers()) {
        true => Ok(()),
        false => Err(ErrorCode::NotANavigation.into()),
    }
}
