//! Builds the state of each feature from the dependencies.

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    apps::{Apps, WebOrigin},
    ports::{Entropy, SessionChanges, Sessions},
    provider::Providers,
    return_to::Destinations,
    session::SessionPolicy,
    use_cases::{
        AuthenticateClient, BackgroundListings, BeginLogin, CompleteLogin, CurrentSession,
        DecideLogin, DisconnectAccount, ExchangeToken, FreshToken, HostSessions, KeepSigningKeys,
        LogOut, OwnSessions, ProviderLogOut, SessionJwt,
    },
};
use tokio::sync::watch;

use super::{
    Features,
    accounts::Accounts,
    backends::Backends,
    decision::Decide,
    events::Events,
    forward_auth::{ForwardAuth, Identities, Rounds},
    login::Login,
    operations::Operations,
    own_sessions::SessionList,
    pages::{Icons, Pages},
    provider_logout::ProviderLogout,
    providers::ProviderList,
    public_keys::PublicKeys,
    session::SessionApi,
    shared::Shared,
};
use crate::{
    limits::Limits,
    providers::{ProviderFaults, ProviderNotes},
};

/// Dependencies of the routes.
pub struct Dependencies {
    /// The threads of logins. Their lower priority keeps the work on responses of clouds from delaying
    /// other requests.
    pub logins: Arc<Background>,
    /// Begins logins.
    pub begin_login: BeginLogin,
    /// Completes logins.
    pub complete_login: CompleteLogin,
    /// Decides about logins that wait for a choice.
    pub decide_login: DecideLogin,
    /// Finds sessions.
    pub current_session: CurrentSession,
    /// Refreshes the tokens of sessions that are used.
    pub fresh_token: FreshToken,
    /// Lists the accounts of sessions again.
    pub listings: BackgroundListings,
    /// Ends sessions.
    pub log_out: LogOut,
    /// Ends sessions for providers.
    pub provider_log_out: ProviderLogOut,
    /// Disconnects and restores accounts.
    pub disconnect_account: DisconnectAccount,
    /// Lists and ends the sessions of a person.
    pub own_sessions: OwnSessions,
    /// Protected apps.
    pub apps: Apps,
    /// Hands sessions over to their hosts.
    pub host_sessions: HostSessions,
    /// Issues session JWTs.
    pub session_jwt: SessionJwt,
    /// The keys that sign them.
    pub signing_keys: KeepSigningKeys,
    /// Authenticates the backends of apps.
    pub authenticate_client: AuthenticateClient,
    /// Trades session JWTs for cloud tokens.
    pub exchange_token: ExchangeToken,
    /// Offered providers.
    pub providers: Providers,
    /// The URLs of Portico and the dashboard.
    pub destinations: Destinations,
    /// The store of sessions, for `/readyz`.
    pub sessions: Arc<dyn Sessions>,
    /// Announcements of changes of sessions, for open pages.
    pub changes: Arc<dyn SessionChanges>,
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

/// Builds the features, each with the dependencies that it uses. `stopping` changes when the server stops.
pub(crate) fn compose(d: Dependencies, stopping: watch::Receiver<()>) -> (Shared, Features) {
    let (providers, destinations) = (d.providers, d.destinations);
    let sessions = (d.current_session, d.fresh_token, d.listings.clone());
    let shared = Shared::new(sessions, d.limits, providers, destinations, d.entropy.clone());
    let features = Features {
        session: Arc::new(session(d.log_out, &shared)),
        forward_auth: Arc::new(forward_auth(
            (d.apps, d.host_sessions, d.session_jwt),
            d.entropy.clone(),
            &shared,
        )),
        public_keys: Arc::new(PublicKeys { keys: d.signing_keys }),
        backends: Arc::new(Backends {
            authenticate: d.authenticate_client,
            exchange: d.exchange_token,
            portico: shared.destinations.portico().clone(),
        }),
        own_sessions: Arc::new(own_sessions(d.own_sessions, &shared)),
        provider_logout: Arc::new(provider_logout(d.provider_log_out, &shared)),
        events: Arc::new(events(d.changes, stopping, &shared)),
        accounts: Arc::new(accounts(d.disconnect_account, d.listings, &shared)),
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

fn forward_auth(
    (apps, host_sessions, session_jwt): (Apps, HostSessions, SessionJwt),
    entropy: Arc<dyn Entropy>,
    shared: &Shared,
) -> ForwardAuth {
    ForwardAuth {
        apps,
        own_host: WebOrigin::of(shared.destinations.portico()),
        destinations: shared.destinations.clone(),
        host_sessions,
        session_jwt,
        sessions: shared.sessions.clone(),
        limiter: shared.limiter.clone(),
        cookies: shared.cookies,
        correlations: shared.correlations.clone(),
        entropy,
        identities: Identities::default(),
        rounds: Rounds::default(),
    }
}

fn session(log_out: LogOut, shared: &Shared) -> SessionApi {
    SessionApi {
        log_out,
        destinations: shared.destinations.clone(),
        limiter: shared.limiter.clone(),
        sessions: shared.sessions.clone(),
        cookies: shared.cookies,
        correlations: shared.correlations.clone(),
    }
}

fn provider_logout(log_out: ProviderLogOut, shared: &Shared) -> ProviderLogout {
    ProviderLogout {
        log_out,
        providers: shared.providers.clone(),
        limiter: shared.limiter.clone(),
        correlations: shared.correlations.clone(),
    }
}

fn own_sessions(own_sessions: OwnSessions, shared: &Shared) -> SessionList {
    SessionList {
        own_sessions,
        destinations: shared.destinations.clone(),
        limiter: shared.limiter.clone(),
        sessions: shared.sessions.clone(),
        cookies: shared.cookies,
        correlations: shared.correlations.clone(),
    }
}

fn events(
    changes: Arc<dyn SessionChanges>,
    stopping: watch::Receiver<()>,
    shared: &Shared,
) -> Events {
    let connections = shared.limiter.connections();
    Events::new(shared.sessions.clone(), shared.cookies, changes, (stopping, connections))
}

fn accounts(
    disconnect_account: DisconnectAccount,
    listings: BackgroundListings,
    shared: &Shared,
) -> Accounts {
    Accounts {
        sessions: shared.sessions.clone(),
        disconnect_account,
        listings,
        destinations: shared.destinations.clone(),
        cookies: shared.cookies,
        correlations: shared.correlations.clone(),
    }
}

fn login(
    (begin_login, complete_login): (BeginLogin, CompleteLogin),
    (threads, provider_notes): (Arc<Background>, ProviderNotes),
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
