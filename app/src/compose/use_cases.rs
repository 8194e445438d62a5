//! Builds the use cases of the web adapter from the ports.

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    apps::Apps,
    listing::ListingBudget,
    ports::{
        BackgroundTasks, Clock, Decisions, DisconnectedAccounts, Entropy, HostSeal, LoginAttempts,
        SessionChanges, SessionTokens, Sessions,
    },
    provider::Providers,
    return_to::Destinations,
    use_cases::{
        AuthenticateClient, BackgroundListings, BeginLogin, CompleteLogin, CurrentSession,
        DecideLogin, DisconnectAccount, ExchangeToken, FreshToken, HostSessions, KeepSigningKeys,
        LandLogin, ListRecent, ListResources, ListingPorts, LogOut, OwnSessions, ProviderLogOut,
        ReadSessionJwt, RefreshPorts, SeenLogouts, SessionJwt, UsedAssertions,
    },
};
use portico_http::{Dependencies, Limits, PerMinute, TrustedProxies};
use portico_jwt::JwtAssertions;
use portico_memory::{MemoryLeases, MemoryListings};

use super::{
    background_log::{TracedExchanges, TracedListings, TracedRefreshes},
    health::WebHealth,
};
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
    /// The threads that complete logins, and list accounts.
    pub(super) logins: Arc<Background>,
    pub(super) decisions: Arc<dyn Decisions>,
    pub(super) disconnected: Arc<dyn DisconnectedAccounts>,
    pub(super) hosts: Arc<dyn HostSeal>,
    pub(super) signing_keys: KeepSigningKeys,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// The dependencies of the web adapter.
pub(super) fn dependencies(
    config: &Config,
    ports: Ports,
    health: WebHealth,
    apps: Apps,
) -> Dependencies {
    let server = &config.server;
    let destinations =
        Destinations::new(server.app_base_url.clone(), server.dashboards.first.clone())
            .with_dashboards(server.dashboards.others.clone())
            .with_apps(apps.clone());
    let fresh_token = ports.fresh_token();
    let listings = ports.listings(config, fresh_token.clone());
    Dependencies {
        logins: ports.logins.clone(),
        begin_login: ports.begin_login(&destinations),
        complete_login: ports.complete_login(config, listings.clone()),
        decide_login: ports.decide_login(config),
        current_session: ports.current_session(config, &listings),
        log_out: ports.log_out(&destinations),
        provider_log_out: ports.provider_log_out(),
        disconnect_account: ports.disconnect_account(),
        own_sessions: ports.own_sessions(config),
        host_sessions: ports.host_sessions(config),
        session_jwt: ports.session_jwt(config),
        authenticate_client: ports.authenticate_client(config, apps.clone()),
        exchange_token: ports.exchange_token(config, apps.clone(), (&fresh_token, &listings)),
        fresh_token,
        listings,
        apps,
        signing_keys: ports.signing_keys,
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

    fn complete_login(&self, config: &Config, listings: BackgroundListings) -> CompleteLogin {
        CompleteLogin {
            providers: self.providers.clone(),
            attempts: self.attempts.clone(),
            land: self.land_login(config),
            decisions: self.decisions.clone(),
            listings,
            policy: config.sessions.policy(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }

    fn listings(&self, config: &Config, fresh_token: FreshToken) -> BackgroundListings {
        let (clock, budget) = (self.clock.clone(), ListingBudget::default());
        let max_age = config.limits.listing_max_age;
        let list_recent = ListRecent {
            list_resources: ListResources { clock, budget },
            cache: Arc::new(MemoryListings::new(max_age)),
            max_age,
        };
        BackgroundListings::new(ListingPorts {
            providers: self.providers.clone(),
            sessions: self.sessions.clone(),
            tokens: self.tokens.clone(),
            fresh_token,
            list_recent,
            tasks: self.logins.clone(),
            log: Arc::new(TracedListings),
            clock: self.clock.clone(),
        })
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

    fn current_session(&self, config: &Config, listings: &BackgroundListings) -> CurrentSession {
        CurrentSession {
            sessions: self.sessions.clone(),
            providers: self.providers.clone(),
            policy: config.sessions.policy(),
            listing_max_age: listings.renewed_after(),
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

    fn host_sessions(&self, config: &Config) -> HostSessions {
        HostSessions {
            seal: self.hosts.clone(),
            attempts: self.attempts.clone(),
            policy: config.sessions.policy(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }

    fn authenticate_client(&self, config: &Config, apps: Apps) -> AuthenticateClient {
        let issuer = issuer(config);
        let token_endpoint = format!("{issuer}/oauth2/token");
        AuthenticateClient {
            apps,
            verifier: Arc::new(JwtAssertions),
            audiences: vec![issuer, token_endpoint],
            clock: self.clock.clone(),
            used: UsedAssertions::default(),
        }
    }

    fn exchange_token(
        &self,
        config: &Config,
        apps: Apps,
        (fresh_token, listings): (&FreshToken, &BackgroundListings),
    ) -> ExchangeToken {
        ExchangeToken {
            apps,
            read: ReadSessionJwt {
                keys: self.signing_keys.clone(),
                issuer: issuer(config),
                sessions: self.current_session(config, listings),
                clock: self.clock.clone(),
            },
            fresh_token: fresh_token.clone(),
            log: Arc::new(TracedExchanges),
        }
    }

    fn session_jwt(&self, config: &Config) -> SessionJwt {
        SessionJwt {
            keys: self.signing_keys.clone(),
            issuer: issuer(config),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
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

    fn provider_log_out(&self) -> ProviderLogOut {
        ProviderLogOut {
            providers: self.providers.clone(),
            sessions: self.sessions.clone(),
            seen: SeenLogouts::default(),
            clock: self.clock.clone(),
        }
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

/// The issuer of session JWTs: the base URL without a slash at its end.
fn issuer(config: &Config) -> String {
    config.server.app_base_url.as_str().trim_end_matches('/').to_owned()
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
