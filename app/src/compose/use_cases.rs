//! Builds the use cases of the web adapter from the ports.

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    listing::ListingBudget,
    ports::{
        BackgroundTasks, Clock, Decisions, DisconnectedAccounts, Entropy, LoginAttempts,
        SessionChanges, SessionTokens, Sessions,
    },
    provider::Providers,
    return_to::Destinations,
    use_cases::{
        BeginLogin, CompleteLogin, CurrentSession, DecideLogin, DisconnectAccount, FreshToken,
        LandLogin, ListRecent, ListResources, LogOut, OwnSessions, RefreshPorts,
    },
};
use portico_http::{Dependencies, Limits, PerMinute, TrustedProxies};
use portico_memory::{MemoryLeases, MemoryListings};

use super::{health::WebHealth, refresh_log::TracedRefreshes};
use crate::config::{self, Config};

/// The ports that use cases share.
pub(super) struct Ports {
    pub(super) providers: Providers,
    pub(super) attempts: Arc<dyn LoginAttempts>,
    pub(super) sessions: Arc<dyn Sessions>,
    pub(super) changes: Arc<dyn SessionChanges>,
    pub(super) tokens: Arc<dyn SessionTokens>,
    /// Runs refreshes.
    pub(super) refreshes: Arc<dyn BackgroundTasks>,
    pub(super) decisions: Arc<dyn Decisions>,
    pub(super) disconnected: Arc<dyn DisconnectedAccounts>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// The dependencies of the web adapter. `logins` are the threads that complete logins.
pub(super) fn dependencies(
    config: &Config,
    ports: Ports,
    health: WebHealth,
    logins: Background,
) -> Dependencies {
    let server = &config.server;
    let destinations =
        Destinations::new(server.app_base_url.clone(), server.dashboards.first.clone())
            .with_dashboards(server.dashboards.others.clone());
    Dependencies {
        logins,
        begin_login: ports.begin_login(&destinations),
        complete_login: ports.complete_login(config),
        decide_login: ports.decide_login(config),
        current_session: ports.current_session(config),
        fresh_token: ports.fresh_token(),
        log_out: ports.log_out(&destinations),
        disconnect_account: ports.disconnect_account(),
        own_sessions: ports.own_sessions(config),
        providers: ports.providers,
        destinations,
        sessions: ports.sessions,
        changes: ports.changes,
        provider_faults: health.faults,
        provider_notes: health.notes,
        policy: config.sessions.policy(),
        limits: limits(&config.limits),
        entropy: ports.entropy,
    }
}

impl Ports {
    fn begin_login(&self, destinations: &Destinations) -> BeginLogin {
        BeginLogin {
            providers: self.providers.clone(),
            attempts: self.attempts.clone(),
            sessions: self.sessions.clone(),
            destinations: destinations.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }

    fn complete_login(&self, config: &Config) -> CompleteLogin {
        let clock = self.clock.clone();
        CompleteLogin {
            providers: self.providers.clone(),
            attempts: self.attempts.clone(),
            land: self.land_login(config),
            decisions: self.decisions.clone(),
            list_recent: ListRecent {
                list_resources: ListResources { clock, budget: ListingBudget::default() },
                cache: Arc::new(MemoryListings::new(config.limits.listing_max_age)),
                max_age: config.limits.listing_max_age,
            },
            policy: config.sessions.policy(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }

    fn land_login(&self, config: &Config) -> LandLogin {
        LandLogin {
            providers: self.providers.clone(),
            sessions: self.sessions.clone(),
            share: config.sessions.share(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }

    fn decide_login(&self, config: &Config) -> DecideLogin {
        DecideLogin {
            decisions: self.decisions.clone(),
            land: self.land_login(config),
            clock: self.clock.clone(),
        }
    }

    fn current_session(&self, config: &Config) -> CurrentSession {
        CurrentSession {
            sessions: self.sessions.clone(),
            providers: self.providers.clone(),
            policy: config.sessions.policy(),
            clock: self.clock.clone(),
        }
    }

    fn disconnect_account(&self) -> DisconnectAccount {
        DisconnectAccount {
            sessions: self.sessions.clone(),
            tokens: self.tokens.clone(),
            disconnected: self.disconnected.clone(),
            clock: self.clock.clone(),
        }
    }

    fn own_sessions(&self, config: &Config) -> OwnSessions {
        OwnSessions {
            sessions: self.sessions.clone(),
            policy: config.sessions.policy(),
            clock: self.clock.clone(),
        }
    }

    fn fresh_token(&self) -> FreshToken {
        FreshToken::new(RefreshPorts {
            providers: self.providers.clone(),
            sessions: self.sessions.clone(),
            tokens: self.tokens.clone(),
            leases: Arc::new(MemoryLeases::default()),
            tasks: self.refreshes.clone(),
            log: Arc::new(TracedRefreshes),
            clock: self.clock.clone(),
        })
    }

    fn log_out(&self, destinations: &Destinations) -> LogOut {
        LogOut {
            sessions: self.sessions.clone(),
            tokens: self.tokens.clone(),
            providers: self.providers.clone(),
            destinations: destinations.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// The limits of the web adapter.
fn limits(config: &config::Limits) -> Limits {
    Limits {
        connections: config.connections,
        connections_per_address: config.connections_per_address,
        logins: PerMinute { per_address: config.logins_per_address, total: config.logins },
        logins_at_once: config.logins_at_once,
        trusted_proxies: TrustedProxies::new(config.trusted_proxies.clone()),
    }
}
