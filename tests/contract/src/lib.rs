//! What every store of login attempts, sessions and undecided logins must do, as tests that each of them runs.
//!
//! A store joins by a [`Subject`] and one line for each suite in a file of `tests/`:
//!
//! ```ignore
//! portico_contract::login_attempts!(MyStore);
//! portico_contract::sessions!(MyStore);
//! portico_contract::decisions!(MyStore);
//! ```
//!
//! Every case is then a test of its own there, under the name of its promise.
#![allow(clippy::unwrap_used, reason = "a case fails by panicking")]
#![deny(dead_code)]

use std::sync::Arc;

use portico_domain::ports::{Decisions, LoginAttempts, SessionTokens, Sessions};
use portico_records::Records;

/// Declares a suite: its cases, and the exported macro that makes a test of each for one store.
///
/// The cases themselves are not `pub`. A case that its suite does not list is code that nothing
/// calls, and the crate does not compile (`deny(dead_code)`).
macro_rules! suite {
    ($d:tt $suite:ident: $bound:ident $($case:ident,)+) => {
        /// The cases of the suite, for the tests that its macro makes.
        #[doc(hidden)]
        #[allow(missing_docs, reason = "the promise of a case stands at the case")]
        pub mod cases {
            $(pub async fn $case(subject: impl $crate::$bound) {
                super::$case(subject).await;
            })+
        }

        /// Makes one test of each case of the suite, for the subject of this type.
        #[macro_export]
        macro_rules! $suite {
            ($d subject:ty) => {
                mod $suite {
                    use super::*;
                    $(
                        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                        async fn $case() {
                            let subject = <$d subject as $d crate::Subject>::fresh();
                            $d crate::$suite::cases::$case(subject).await;
                        }
                    )+
                }
            };
        }
    };
}

pub mod decisions;
pub mod durability;
pub mod login_attempts;
pub mod records;
pub mod samples;
pub mod sessions;

/// A kind of store, as its tests make it.
pub trait Subject: Send + Sync + 'static {
    /// An empty store of sessions that last as [`samples::POLICY`] says.
    fn fresh() -> Self;

    /// Its ports. The last of them to be dropped leaves the subject alone with the store.
    fn ports(&self) -> Ports;
}

/// A store that outlives its process.
pub trait Durable: Subject {
    /// The same store, closed and opened again.
    #[must_use]
    fn reopened(self) -> Self;
}

/// A store of bytes with the seal on it.
pub trait Bytes: Subject {
    /// The records, as they are without the seal.
    fn records(&self) -> Arc<dyn Records>;
}

/// The ports of one store.
#[derive(Clone)]
pub struct Ports {
    /// Its login attempts.
    pub attempts: Arc<dyn LoginAttempts>,
    /// Its sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Their tokens.
    pub tokens: Arc<dyn SessionTokens>,
    /// Its undecided logins.
    pub decisions: Arc<dyn Decisions>,
}
