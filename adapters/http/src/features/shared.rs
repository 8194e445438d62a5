//! What several features and the server use.

use std::sync::Arc;

use portico_domain::{
    ports::Entropy,
    provider::Providers,
    return_to::Destinations,
    use_cases::{BackgroundListings, CurrentSession, FreshToken},
};

use crate::{
    error::Responder,
    limits::{Limits, LoginLimiter},
    request::Cookies,
    response::CorrelationIds,
    session::{Responses, SessionReader, UnreadableSessions},
};

/// Dependencies of several features and of the server.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) limiter: Arc<LoginLimiter>,
    pub(crate) sessions: Arc<SessionReader>,
    pub(crate) responder: Responder,
    pub(crate) correlations: CorrelationIds,
    pub(crate) cookies: Cookies,
    pub(crate) destinations: Destinations,
    pub(crate) providers: Providers,
}

impl Shared {
    pub(super) fn new(
        (current_session, fresh_token, listings): (CurrentSession, FreshToken, BackgroundListings),
        limits: Limits,
        providers: Providers,
        destinations: Destinations,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let cookies = Cookies { secure: destinations.portico().scheme() == "https" };
        let correlations = CorrelationIds(entropy);
        let proxies = limits.trusted_proxies.clone();
        let responder = Responder::new(correlations.clone(), proxies, &destinations);
        let limiter = Arc::new(LoginLimiter::new(limits));
        let sessions = Arc::new(SessionReader {
            current_session,
            fresh_token,
            listings,
            providers: providers.clone(),
            cookies,
            responses: Responses::default(),
            unreadable: UnreadableSessions::default(),
        });
        Self { limiter, sessions, responder, correlations, cookies, destinations, providers }
    }
}
