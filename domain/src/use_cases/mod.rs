//! The use cases, one a file.
//!
//! A use case is a struct of the ports that it needs, with a method `run`. Use cases do not log: a
//! failure is a typed error, and the caller decides what a person and the log see of it.

mod account_tasks;
mod announced_sessions;
mod authenticate_client;
mod background_listings;
mod begin_login;
mod complete_login;
mod current_session;
mod decide_login;
mod disconnect_account;
mod exchange_token;
mod fresh_token;
mod host_sessions;
mod land_login;
mod lineage;
mod list_recent;
mod list_resources;
mod log_out;
mod own_sessions;
mod provider_log_out;
mod read_session_jwt;
mod session_jwt;
mod signing_keys;
mod update;
mod user_record;
mod validity;

pub use self::{
    announced_sessions::AnnouncedSessions,
    authenticate_client::{AuthenticateClient, ClientCredential, ClientRefused, UsedAssertions},
    background_listings::{
        BackgroundListings, LISTING_PATIENCE, ListedAgain, ListingError, ListingPorts,
    },
    begin_login::{BeginLogin, BeginLoginError, LoginBegun, LoginRequest},
    complete_login::{
        CallbackRequest, CompleteLogin, CompleteLoginError, Completed, LoginEnd, LoginFailed,
        OpenAttempt,
    },
    current_session::{Current, CurrentSession, LiveSession, SessionStamp},
    decide_login::{DecideError, DecideLogin, Decided, Decision, Question},
    disconnect_account::{DisconnectAccount, DisconnectError},
    exchange_token::{ExchangeError, ExchangeRequest, ExchangeToken, Exchanged, NeedsPerson},
    fresh_token::{
        DEFAULT_MIN_VALIDITY, FreshToken, MAX_AHEAD, RefreshPorts, TokenError, ValidToken,
    },
    host_sessions::{HandOffRefused, HostSessions, Redeemed},
    land_login::{LandError, LandLogin},
    list_recent::{DEFAULT_LISTING_MAX_AGE, ListRecent},
    list_resources::{ListResources, Listed, ListingRequest},
    log_out::{LogOut, LoggedOut},
    own_sessions::{Asking, OwnSession, OwnSessions},
    provider_log_out::{LogoutTokenError, ProviderLogOut, ProviderLoggedOut, SeenLogouts},
    read_session_jwt::{InvalidSessionJwt, ReadSessionJwt, SessionOfJwt},
    session_jwt::{SESSION_JWT_LIFETIME, SessionJwt},
    signing_keys::{KeepSigningKeys, KeyError, SigningPorts},
};
