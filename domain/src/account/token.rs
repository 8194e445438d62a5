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
    /// if that does not change. Tokens that are due already are looked at again in
    /// [`DUE_INTERVAL`].
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
mod tests {
    use rstest::rstest;

    use super::*;

    const ISSUED: u64 = 1_000;

    fn status(lifetime: u64, renewal: Renewal) -> TokenStatus {
        let at = Timestamp::from_unix_seconds;
        TokenStatus { issued_at: at(ISSUED), expires_at: at(ISSUED + lifetime), renewal }
    }

    #[rstest]
    #[case::renewable(Renewal::Possible, 0, Some(3_000))]
    #[case::due(Renewal::Possible, 3_000, Some(3_030))]
    #[case::expired(Renewal::Possible, 3_600, Some(3_630))]
    #[case::failing(Renewal::Failing, 100, Some(130))]
    #[case::without_refresh_token(Renewal::Unavailable, 3_599, Some(3_600))]
    #[case::without_refresh_token_and_expired(Renewal::Unavailable, 3_600, None)]
    #[case::refused(Renewal::Refused, 0, None)]
    fn steady_until_is_the_next_change_or_look(
        #[case] renewal: Renewal,
        #[case] now: u64,
        #[case] until: Option<u64>,
    ) {
        let at = |seconds| Timestamp::from_unix_seconds(ISSUED + seconds);
        assert_eq!(status(3_600, renewal).steady_until(at(now)), until.map(at));
    }

    #[rstest]
    #[case::issued(Renewal::Possible, 0, TokenHealth::Ok)]
    #[case::expired_and_not_refreshed_yet(Renewal::Possible, 9_999, TokenHealth::Ok)]
    #[case::failing(Renewal::Failing, 0, TokenHealth::Stale)]
    #[case::failing_and_expired(Renewal::Failing, 9_999, TokenHealth::Stale)]
    #[case::without_refresh_token(Renewal::Unavailable, 3_599, TokenHealth::Ok)]
    #[case::without_refresh_token_at_expiry(Renewal::Unavailable, 3_600, TokenHealth::NeedsSignIn)]
    #[case::refused(Renewal::Refused, 0, TokenHealth::NeedsSignIn)]
    fn health_is(#[case] renewal: Renewal, #[case] age: u64, #[case] expected: TokenHealth) {
        let now = Timestamp::from_unix_seconds(ISSUED + age);
        assert_eq!(status(3_600, renewal).health(now), expected);
    }

    #[rstest]
    #[case::ten_minutes_before_expiry(3_600, Renewal::Possible, 3_000, true)]
    #[case::earlier(3_600, Renewal::Possible, 2_999, false)]
    #[case::last_third_of_a_short_lifetime(300, Renewal::Possible, 200, true)]
    #[case::short_lifetime_earlier(300, Renewal::Possible, 199, false)]
    #[case::failing(3_600, Renewal::Failing, 0, true)]
    #[case::without_refresh_token(3_600, Renewal::Unavailable, 3_600, false)]
    #[case::refused(3_600, Renewal::Refused, 3_600, false)]
    fn refresh_is_due(
        #[case] lifetime: u64,
        #[case] renewal: Renewal,
        #[case] age: u64,
        #[case] due: bool,
    ) {
        let now = Timestamp::from_unix_seconds(ISSUED + age);
        assert_eq!(status(lifetime, renewal).is_refresh_due(now), due);
    }

    #[test]
    fn achievable_is_at_most_half_of_the_lifetime() {
        let asked = Duration::from_secs(300);
        let achievable = |lifetime| status(lifetime, Renewal::Possible).achievable(asked).as_secs();
        assert_eq!((achievable(3_600), achievable(600), achievable(100)), (300, 300, 50));
    }

    #[test]
    fn challenge_is_kept_until_the_next_change() {
        let at = Timestamp::from_unix_seconds;
        let issued = AccountToken::issued(at(ISSUED), at(ISSUED + 3_600), true);
        let challenge = Challenge { suberror: Some("basic_action".into()), claims: None };
        let refused = issued.refused(Some(Box::new(challenge)));
        assert!(refused.challenge.is_some() && refused.status.renewal == Renewal::Refused);
        let failing = refused.failing();
        assert!(failing.challenge.is_none() && failing.status.renewal == Renewal::Failing);
    }
}
