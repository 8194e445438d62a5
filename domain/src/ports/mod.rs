//! The ports: what the use cases need from outside. One trait a file, with its error.
//!
//! A port is named by its role. Absence is `Ok(None)`; `Err` is failure. The documentation of each
//! method has what an adapter MUST do; the suites in `portico-contract` test that for stores.

mod assertions;
mod background_tasks;
mod call_error;
mod clock;
mod cloud_api;
mod cloud_provider;
mod decisions;
mod disconnected_accounts;
mod entropy;
mod exchange_log;
mod host_seal;
mod identity_provider;
mod leases;
mod listing_cache;
mod listing_log;
mod login_attempts;
mod refresh_log;
mod session_changes;
mod session_tokens;
mod sessions;
mod signing_keys;
mod token_signer;

pub use self::{
    assertions::AssertionVerifier,
    background_tasks::BackgroundTasks,
    call_error::CallError,
    clock::Clock,
    cloud_api::{CloudApi, Fetch, FetchFailure},
    cloud_provider::{CloudProvider, ListingRun},
    decisions::Decisions,
    disconnected_accounts::DisconnectedAccounts,
    entropy::Entropy,
    exchange_log::{ExchangeLog, HandedToken},
    host_seal::HostSeal,
    identity_provider::{
        Authorization, AuthorizationRequest, EndedAtProvider, IdentityProvider,
        IdentityProviderError, MAX_LOGOUT_TOKEN_AGE, Prompt, Refreshed, RefreshedIdToken,
        VerifiedLogout,
    },
    leases::{Lease, LeaseKey, Leases},
    listing_cache::{CachedListing, DatedListing, Incident, ListingCache, ListingKey, NotCached},
    listing_log::{EndListing, ListingLog, ListingOutcome},
    login_attempts::LoginAttempts,
    refresh_log::{EndRefresh, RefreshLog, RefreshOutcome, RefreshedAccount},
    session_changes::{SessionChanges, SessionWatch},
    session_tokens::SessionTokens,
    sessions::{
        Former, Landed, Landing, NewTokens, Sessions, StoreError, Stored, Version, Written,
    },
    signing_keys::StoredSigningKeys,
    token_signer::{LoadedKey, SigningError, TokenSigner},
};

pub use crate::login::SignedIn;

#[cfg(any(test, feature = "testing"))]
pub use self::{
    cloud_api::MockCloudApi, cloud_provider::MockCloudProvider,
    identity_provider::MockIdentityProvider,
};
