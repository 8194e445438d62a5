//! What the routes need, and how each feature gets its part of it.

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    ports::{Entropy, Sessions},
    provider::Providers,
    return_to::Destinations,
    session::SessionPolicy,
    use_cases::{BeginLogin, CompleteLogin, CurrentSession, DecideLogin, LogOut},
};

use super::{
    Features,
    accounts::Accounts,
    decision::Decide,
    login::Login,
    operations::Operations,
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
    session::{Answers, SessionReader, UnreadableSessions},
};

/// What the program gives the routes.
pub struct Dependencies {
    /// Where logins run: what a cloud answers is read, parsed and verified behind everything that is
    /// served to those who are signed in.
    pub logins: Background,
    /// Begins logins.
    pub begin_login: BeginLogin,
    /// Completes logins.
    pub complete_login: CompleteLogin,
    /// Decides what becomes of logins that wait for a choice.
    pub decide_login: DecideLogin,
    /// Finds sessions.
    pub current_session: CurrentSession,
    /// Ends sessions.
    pub log_out: LogOut,
    /// What the sign-in page offers.
    pub providers: Providers,
    /// Where Portico and the dashboard are.
    pub destinations: Destinations,
    /// For readiness.
    pub sessions: Arc<dyn Sessions>,
    /// What keeps plug-ins from being offered, for readiness.
    pub provider_faults: ProviderFaults,
    /// Which providers are not well, for readiness.
    pub provider_notes: ProviderNotes,
    /// How long sessions last, for the cookie.
    pub policy: SessionPolicy,
    /// Rate and concurrency limits.
    pub limits: Limits,
    /// Where correlation ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What several features need, and the server beside the routes.
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
        let (answers, unreadable) = (Answers::default(), UnreadableSessions::default());
        let known = providers.clone();
        let sessions =
            SessionReader { current_session, providers: known, cookies, answers, unreadable };
        let sessions = Arc::new(sessions);
        Self { limiter, sessions, responder, correlations, cookies, destinations, providers }
    }
}

/// Gives each feature what it uses, and nothing else.
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
