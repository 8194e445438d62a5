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

/// What signing in needs.
pub(crate) struct Login {
    /// Where logins run: what a cloud answers is read, parsed and verified behind everything that is
    /// served to those who are signed in.
    pub(super) threads: Background,
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
    /// Whether a path is that of a page or route of Portico's own.
    pub(super) owns_path: fn(&str) -> bool,
}

/// The provider of the redirect URI that the endpoint Portico stays compatible with has registered.
const AZURE: &str = "azure";

impl Login {
    /// The routes of sign-in.
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
                    begun.map_err(|failure| failure.at(offered))
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
                Box::pin(async move { login.completed(&call, &call.parameter).await })
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
                    let completed = login.completed(&call, AZURE).await;
                    completed.map_err(complete::without_code)
                })
            },
        },
    ];

    async fn completed(self: &Arc<Self>, call: &Call, provider: &str) -> Result<Response, Failure> {
        let completed = complete::complete(self, call, provider).await;
        completed.map_err(|failure| failure.at(self.offered(provider)))
    }

    /// The provider that a path names, where there is one: any other text stays out of the log.
    fn offered(&self, provider: &str) -> Option<ProviderId> {
        let id = ProviderId::parse(provider).ok()?;
        self.providers.find(&id).is_some().then_some(id)
    }

    /// Whether this provider is offered; a failure while its plug-in is being loaded.
    fn is_offered(&self, provider: &ProviderId) -> Result<bool, Failure> {
        // In this order: what is loaded between the two questions is there for the second.
        let loads = self.provider_notes.loads(provider);
        match self.providers.find(provider) {
            Some(_) => Ok(true),
            None if loads => {
                Err(Failure::at_provider(ErrorCode::ProviderNotLoaded, provider.as_str()))
            }
            None => Ok(false),
        }
    }

    /// How many providers share the permits for work at providers.
    fn sharers(&self) -> usize {
        self.providers.all().len()
    }

    fn name_of(&self, provider: &ProviderId) -> String {
        name_of(&self.providers, provider)
    }
}

fn known_id(provider: &str) -> Result<ProviderId, Failure> {
    ProviderId::parse(provider).map_err(|_| ErrorCode::UnknownProvider.into())
}

/// Refuses what a page embeds or a browser fetches ahead, where only a person may go.
fn only_navigations(call: &Call) -> Result<(), Failure> {
    match is_navigation(&call.head.method, call.headers()) {
        true => Ok(()),
        false => Err(ErrorCode::NotANavigation.into()),
    }
}
