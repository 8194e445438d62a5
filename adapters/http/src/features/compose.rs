//! Builds the state of each feature from the dependencies.

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    ports::{Entropy, Sessions},
    provider::Providers,
    return_to::Destinations,
    session::SessionPolicy,
    use_cases::{BeginLogin, CompleteLogin, CurrentSession, DecideLogin, LogOut, OwnSessions},
};

use super::{
    Features,
    accounts::Accounts,
    decision::Decide,
    login::Login,
    operations::Operations,
    own_sessions::SessionList,
    pages::{Icons, Pages},
    providers::ProviderList,
    session::SessionApi,
};
use crate::{
    error::Responder,
    limits::{Limits, LoginLimiter},
    providers::{ProviderFaults, ProviderNotes},
    request::Cookies,
    response::CorrelationIds,
    session::{Responses, SessionReader, UnreadableSessions},
};

/// Dependencies of the routes.
pub struct Dependencies {
    /// The threads of logins. Their lower priority keeps the work on responses of clouds from delaying
    /// other requests.
    pub logins: Background,
    /// Begins logins.
    pub begin_login: BeginLogin,
    /// Completes logins.
    pub complete_login: CompleteLogin,
    /// Decides about logins that wait for a choice.
    pub decide_login: DecideLogin,
    /// Finds sessions.
    pub current_session: CurrentSession,
    /// Ends sessions.
    pub log_out: LogOut,
    /// Lists and ends the sessions of a person.
    pub own_sessions: OwnSessions,
    /// Offered providers.
    pub providers: Providers,
    /// The URLs of Portico and the dashboard.
    pub destinations: Destinations,
    /// The store of sessions, for `/readyz`.
    pub sessions: Arc<dyn Sessions>,
    /// Faults of plug-ins, for `/readyz`.
    pub provider_faults: ProviderFaults,
    /// Loading and failing providers, for `/readyz`.
    pub provider_notes: ProviderNotes,
    /// The lifetime of sessions, for the cookie.
    pub policy: SessionPolicy,
    /// Rate and concurrency limits.
    pub limits: Limits,
    /// For correlation ids and browser ids.
    pub entropy: Arc<dyn Entropy>,
}

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
    fn new(
        current_session: CurrentSession,
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
            providers: providers.clone(),
            cookies,
            responses: Responses::default(),
            unreadable: UnreadableSessions::default(),
        });
        Self { limiter, sessions, responder, correlations, cookies, destinations, providers }
    }
}

/// Builds the features, each with the dependencies that it uses.
pub(crate) fn compose(d: Dependencies) -> (Shared, Features) {
    let (providers, destinations) = (d.providers, d.destinations);
    let shared =
        Shared::new(d.current_session, d.limits, providers, destinations, d.entropy.clone());
    let features = Features {
        session: Arc::new(SessionApi {
            log_out: d.log_out,
            destinations: shared.destinations.clone(),
            limiter: shared.limiter.clone(),
            sessions: shared.sessions.clone(),
            cookies: shared.cookies,
            correlations: shared.correlations.clone(),
        }),
        own_sessions: Arc::new(SessionList {
            own_sessions: d.own_sessions,
            destinations: shared.destinations.clone(),
            limiter: shared.limiter.clone(),
            sessions: shared.sessions.clone(),
            cookies: shared.cookies,
            correlations: shared.correlations.clone(),
        }),
        accounts: Arc::new(Accounts { sessions: shared.sessions.clone() }),
        providers: Arc::new(ProviderList { providers: shared.providers.clone() }),
        decision: Arc::new(Decide {
            decide_login: d.decide_login,
            providers: shared.providers.clone(),
            destinations: shared.destinations.clone(),
            policy: d.policy,
            limiter: shared.limiter.clone(),
            cookies: shared.cookies,
            correlations: shared.correlations.clone(),
        }),
        pages: Arc::new(Pages {
            providers: shared.providers.clone(),
            destinations: shared.destinations.clone(),
            sessions: shared.sessions.clone(),
            icons: Icons::default(),
        }),
        operations: Arc::new(Operations {
            sessions: d.sessions,
            provider_faults: d.provider_faults,
            provider_notes: d.provider_notes.clone(),
        }),
        login: Arc::new(login(
            (d.begin_login, d.complete_login),
            (d.logins, d.provider_notes),
            (d.policy, d.entropy),
            &shared,
        )),
    };
    (shared, features)
}

fn login(
    (begin_login, complete_login): (BeginLogin, CompleteLogin),
    (threads, provider_notes): (Background, ProviderNotes),
    (policy, entropy): (SessionPolicy, Arc<dyn Entropy>),
    shared: &Shared,
) -> Login {
    Login {
        threads,
        begin_login,
        complete_login,
        providers: shared.providers.clone(),
        provider_notes,
        destinations: shared.destinations.clone(),
        policy,
        limiter: shared.limiter.clone(),
        sessions: shared.sessions.clone(),
        cookies: shared.cookies,
        correlations: shared.correlations.clone(),
        entropy,
        owns_path: super::owns_path,
    }
}
