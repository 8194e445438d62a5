//! One double per port, and sample values: fakes where state matters, mocks where calls matter.

pub mod doubles;
mod fake_clock;
mod fake_entropy;
mod fake_login_attempts;
mod fake_sessions;
pub mod samples;

pub use self::{
    fake_clock::FakeClock, fake_entropy::CountingEntropy, fake_login_attempts::FakeLoginAttempts,
    fake_sessions::FakeSessions,
};
pub use crate::ports::{MockCloudApi, MockCloudProvider, MockIdentityProvider};
