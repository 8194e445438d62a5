//! What a session says of an account's tokens, without reading them.

use std::time::Duration;

use crate::{challenge::Challenge, time::Timestamp};

/// How long before its expiry a token is refreshed; a third of its lifetime, if that is less.
pub const REFRESH_AHEAD: Duration = Duration::from_mins(10);

/// How often the tokens of a session in use are looked at while they are due to be refreshed.
const DUE_INTERVAL: Duration = Duration::from_secs(30);

/// The tokens of an account, as the head of its session describes them. Written when it changes: at
/// a login and at each refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountToken {
    /// The times and the state.
    pub status: TokenStatus,
    /// What the provider demands of the sign-in that repairs the account.
    pub challenge: Option<Box<Challenge>>,
}

/// The times and the state of the tokens of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenStatus {
    /// When the access token was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether another can be got.
    pub renewal: Renewal,
}

/// Whether a new access token can be got without the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// There is a refresh token, and no refresh has failed since it was issued.
    Possible,
    /// The last refresh failed for a reason that may pass.
    Failing,
    /// The provider issued no refresh token.
    Unavailable,
    /// The provider refused the refresh token: the person must sign in.
    Refused,
}

/// Whether an account has a token, as people and apps are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenHealth {
    /// There is a valid access token, or one will be got when it is needed.
    Ok,
    /// The last refresh failed; it is tried again. The access token may still be valid.
    Stale,
    /// The person must sign in with this account again.
    NeedsSignIn,
}

impl AccountToken {
    /// Tokens that were issued at `issued_at`, with or without a refresh token.
    pub fn issued(issued_at: Timestamp, expires_at: Timestamp, is_renewable: bool) -> Self {
        let renewal = if is_renewable { Renewal::Possible } else { Renewal::Unavailable };
        Self { status: TokenStatus { issued_at, expires_at, renewal }, challenge: None }
    }

    /// The same tokens after a refresh that failed for a reason that may pass.
    #[must_use]
    pub fn failing(&self) -> Self {
        Self { status: TokenStatus { renewal: Renewal::Failing, ..self.status }, challenge: None }
    }

    /// The same tokens after a refresh that the provider refused.
    #[must_use]
    pub fn refused(&self, challenge: Option<Box<Challenge>>) -> Self {
        Self { status: TokenStatus { renewal: Renewal::Refused, ..self.status }, challenge }
    }
}

impl TokenStatus {
    /// Whether there is a token at `now`.
    pub fn health(&self, now: Timestamp) -> TokenHealth {
        match self.renewal {
            Renewal::Possible => TokenHealth::Ok,
            Renewal::Failing => TokenHealth::Stale,
            Renewal::Unavailable if now < self.expires_at => TokenHealth::Ok,
            Renewal::Unavailable | Renewal::Refused => TokenHealth::NeedsSignIn,
        }
    }

    /// Whether the tokens should be refreshed at `now`, before somebody needs them.
    pub fn is_refresh_due(&self, now: Timestamp) -> bool {
        match self.renewal {
            Renewal::Possible => now.plus(self.ahead()) >= self.expires_at,
            Renewal::Failing => true,
            Renewal::Unavailable | Renewal::Refused => false,
        }
    }

    /// Until when the tokens are neither due to be refreshed nor in another state than at `now`; `None`
    /// if that does not change. Tokens that are due already are looked at again in 30 seconds.
    pub fn steady_until(&self, now: Timestamp) -> Option<Timestamp> {
        let again = now.plus(DUE_INTERVAL);
        match self.renewal {
            Renewal::Possible if self.is_refresh_due(now) => Some(again),
            Renewal::Possible => Some(now.plus(self.expires_at.since(now.plus(self.ahead())))),
            Renewal::Failing => Some(again),
            Renewal::Unavailable if now < self.expires_at => Some(self.expires_at),
            Renewal::Unavailable | Renewal::Refused => None,
        }
    }

    /// [`REFRESH_AHEAD`], or a third of the lifetime: tokens that live for less than ten minutes would
    /// be refreshed at every use.
    pub fn ahead(&self) -> Duration {
        REFRESH_AHEAD.min(self.lifetime() / 3)
    }

    /// `min_validity`, or half of the lifetime: no refresh brings a token that is valid for longer than
    /// its lifetime.
    pub fn achievable(&self, min_validity: Duration) -> Duration {
        min_validity.min(self.lifetime() / 2)
    }

    fn lifetime(&self) -> Duration {
        self.expires_at.since(self.issued_at)
    }
}

#[cfg(test)]
mod tests;
