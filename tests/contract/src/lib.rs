//! The contract suites of stores of login attempts, sessions and undecided logins.
//!
//! A store runs them with an implementation of [`Subject`] and one line per suite in a file of `tests/`:
//!
//! ```ignore
//! portico_contract::login_attempts!(MyStore);
//! portico_contract::sessions!(MyStore);
//! portico_contract::decisions!(MyStore);
//! ```
//!
//! Each case becomes a test of its own with the same name.
#![deny(dead_code)]

use std::sync::Arc;

use portico_domain::ports::{
    Decisions, DisconnectedAccounts, Leases, LoginAttempts, SessionTokens, Sessions,
    StoredSigningKeys,
};
use portico_records::Records;

/// Declares a suite: its cases, and the exported macro that generates their tests for one store.
///
/// The case functions are not `pub`: a case that its suite does not list is dead code, and the crate
/// does not compile (`deny(dead_code)`).
macro_rules! suite {
    ($d:tt $suite:ident: $bound:ident $($case:ident,)+) => {
        /// The cases of the suite, for the generated tests.
        #[doc(hidden)]
        #[allow(missing_docs, reason = "each case is documented at its function")]
        pub mod cases {
            $(pub async fn $case(subject: impl $crate::$bound) {
                super::$case(subject).await;
            })+
        }

        /// Generates one test per case of the suite for this subject type.
        #[macro_export]
        macro_rules! $suite {
            ($d subject:ty) => {
                mod $suite {
                    use super::*;
                    $(
                        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                        async fn $case() {
                            let subject = <$d subject>::fresh();
                            $d crate::$suite::cases::$case(subject).await;
                        }
                    )+
                }
            };
        }
    };
}

pub mod decisions;
pub mod disconnected;
pub mod durability;
pub mod leases;
pub mod login_attempts;
pub mod records;
pub mod samples;
pub mod sessions;
pub mod signing_keys;

/// A store under test.
pub trait Subject: Send + Sync + 'static {
    /// Creates an empty store with the session lifetimes of [`samples::POLICY`].
    fn fresh() -> Self;

    /// The ports of the store. Once they are dropped, only the subject holds the store.
    fn ports(&self) -> Ports;
}

/// A store that outlives its process.
pub trait Durable: Subject {
    /// Closes the store and opens it again.
    #[must_use]
    fn reopened(self) -> Self;
}

/// A sealed store of bytes.
pub trait Bytes: Subject {
    /// The store of bytes beneath the seal.
    fn records(&self) -> Arc<dyn Records>;
}

/// Leases under test.
pub trait Leasing: Send + Sync + 'static {
    /// Leases of which none is held.
    fn fresh() -> Self;

    /// The port.
    fn leases(&self) -> Arc<dyn Leases>;
}

/// The ports of one store.
#[derive(Clone)]
pub struct Ports {
    /// Login attempts.
    pub attempts: Arc<dyn LoginAttempts>,
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Tokens of sessions.
    pub tokens: Arc<dyn SessionTokens>,
    /// Undecided logins.
    pub decisions: Arc<dyn Decisions>,
    /// Disconnected accounts.
    pub disconnected: Arc<dyn DisconnectedAccounts>,
    /// The keys that sign session tokens.
    pub signing_keys: Arc<dyn StoredSigningKeys>,
}
