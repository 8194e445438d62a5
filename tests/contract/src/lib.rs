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

use std::sync::Arc;

use portico_domain::ports::{Decisions, LoginAttempts, SessionRecords, SessionTokens, Sessions};

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
    /// The records of sessions, as they are without the seal.
    fn session_records(&self) -> Arc<dyn SessionRecords>;
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

/// Makes one test of each case.
#[doc(hidden)]
#[macro_export]
macro_rules! suite {
    ($subject:ty, $module:ident: $($case:ident,)+) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    $crate::$module::$case(<$subject as $crate::Subject>::fresh()).await;
                }
            )+
        }
    };
}
