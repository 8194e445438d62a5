//! One double per port, and sample values: fakes where state matters, mocks where calls matter.

pub mod doubles;
mod fake_clock;
mod fake_decisions;
mod fake_disconnected_accounts;
mod fake_entropy;
mod fake_host_seal;
mod fake_leases;
mod fake_listing_cache;
mod fake_login_attempts;
mod fake_sessions;
mod fake_signing;
mod fake_tasks;
mod listings;
pub mod samples;
mod sessions_ext;
mod slow_cloud;

pub use self::{
    fake_clock::FakeClock,
    fake_decisions::FakeDecisions,
    fake_disconnected_accounts::FakeDisconnectedAccounts,
    fake_entropy::CountingEntropy,
    fake_host_seal::FakeHostSeal,
    fake_leases::FakeLeases,
    fake_listing_cache::FakeListingCache,
    fake_login_attempts::FakeLoginAttempts,
    fake_sessions::FakeSessions,
    fake_signing::{FakeSigner, FakeSigningKeys},
    fake_tasks::{FakeTasks, Unlogged},
    listings::{background_listings, fresh_token},
    sessions_ext::{SessionsExt, TokensExt, landing},
    slow_cloud::{SlowCloud, tenant},
};
pub use crate::ports::{MockCloudApi, MockCloudProvider, MockIdentityProvider};

/// Whether the text has this token, or a long part of it.
pub fn holds_token(token: &str, text: &str) -> bool {
    let mut echo = crate::echo::TokenEcho::default();
    echo.watch(&crate::secret::AccessToken::new(token));
    echo.is_in_text(text)
}
