//! The tokens that the store has, and whether they are enough.

use std::time::Duration;

use super::{FreshToken, TokenError};
use crate::{
    account::{Account, REFRESH_AHEAD, Renewal},
    ports::Stored,
    session::{Session, SessionKey, TokenSet},
};

/// How long a token must be valid.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// For so long, if its lifetime allows that.
    For(Duration),
    /// For so long that it is not due for a refresh.
    Ahead,
}

/// The tokens of an account as the store has them, with their session.
pub(super) struct Held {
    /// The key that the session has now: logins may move it.
    pub(super) key: SessionKey,
    pub(super) session: Session,
    pub(super) account: Account,
    pub(super) tokens: Stored<TokenSet>,
}

impl Held {
    /// Whether the access token is valid for as long as it is needed.
    pub(super) fn satisfies(&self, need: Need, token: &FreshToken) -> bool {
        let tokens = &self.tokens.value;
        let known = self.account.token.as_ref().map(|token| token.status);
        // The lifetime is known if the session describes these tokens.
        let known = known.filter(|status| status.expires_at == tokens.expires_at);
        let now = token.ports.clock.now();
        match (need, known) {
            (Need::For(min_validity), Some(status)) => {
                tokens.is_valid_for(status.achievable(min_validity), now)
            }
            (Need::For(min_validity), None) => tokens.is_valid_for(min_validity, now),
            (Need::Ahead, Some(status)) => !status.is_refresh_due(now),
            (Need::Ahead, None) => tokens.is_valid_for(REFRESH_AHEAD, now),
        }
    }

    /// The refusal of the last refresh, if there was one: only a login brings other tokens.
    pub(super) fn refusal(&self) -> Option<TokenError> {
        let token = self.account.token.as_ref()?;
        let refused = token.status.renewal == Renewal::Refused;
        refused.then(|| TokenError::NeedsSignIn(token.challenge.clone()))
    }
}
