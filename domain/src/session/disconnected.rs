//! A disconnected account, which its person may take back for a minute.

use std::time::Duration;

use super::TokenSet;
use crate::{account::Account, time::Timestamp};

/// How long a disconnected account can be restored.
pub const RESTORABLE_FOR: Duration = Duration::from_secs(60);

/// An account that was disconnected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisconnectedAccount {
    /// As it was in the session.
    pub account: Account,
    /// Its tokens; `None` if it had none.
    pub tokens: Option<TokenSet>,
    /// The first second at which it cannot be restored any more.
    pub expires_at: Timestamp,
}

impl DisconnectedAccount {
    /// An account that is disconnected at `now`.
    pub fn at(account: Account, tokens: Option<TokenSet>, now: Timestamp) -> Self {
        Self { account, tokens, expires_at: now.plus(RESTORABLE_FOR) }
    }
}
