//! A login that succeeded and waits for its person's choice.
//!
//! The browser returned from a login that its person may not have begun, signed in as somebody whom
//! the browser's session does not know. Connecting the account would merge two people, so the login
//! waits, for minutes and bound to one browser, until they choose.

use std::time::Duration;

use super::LoginOrigin;
pub use super::listed::ListedLogin;
use crate::{digest, secret::DecisionId, session::SessionKey, time::Timestamp};

/// How long a person may take to choose.
pub const DECISION_LIFETIME: Duration = Duration::from_mins(10);

/// How many undecided logins a store keeps per person; one more replaces the oldest.
pub const MAX_UNDECIDED: usize = 3;

/// The key of an undecided login in a store: the SHA-256 of the id in the browser's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionKey([u8; 32]);

impl DecisionKey {
    /// The key of the login with this id.
    pub fn of(id: &DecisionId) -> Self {
        Self(digest::of_bytes(id.expose().as_bytes()))
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Identifies the login on its page: 16 hexadecimal digits, not secret. A choice names the login
    /// that the person saw, whatever login another tab has completed since.
    pub fn label(&self) -> String {
        self.0[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A login that waits for a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The login. Its `origin` names the session that the choice is about.
    pub login: ListedLogin,
    /// After this there is nothing to choose.
    pub expires_at: Timestamp,
}

impl Undecided {
    /// A login that waits for a choice about this session.
    pub fn about(mut login: ListedLogin, session: SessionKey, now: Timestamp) -> Self {
        login.origin = LoginOrigin { session: Some(session), own_page: false, ..login.origin };
        Self { login, expires_at: now.plus(DECISION_LIFETIME) }
    }
}

/// A person's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The account joins the browser's session.
    Connect,
    /// The browser's session ends, and a session of the new person begins.
    SignIn,
    /// The login is dropped.
    Neither,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{login::LoginOrigin, testing::samples};

    #[test]
    fn label_is_the_first_eight_bytes_of_the_key_in_hexadecimal() {
        let bytes = std::array::from_fn(|index| (index as u8).wrapping_mul(16) + 1);
        assert_eq!(DecisionKey(bytes).label(), "0111213141516171");
    }

    #[test]
    fn about_sets_session_and_expiry_and_no_own_page() {
        let now = Timestamp::from_unix_seconds(1_000);
        let other = Some(SessionKey::from_bytes([1; 32]));
        let origin = LoginOrigin { session: other, own_page: true, ..LoginOrigin::default() };
        let login = ListedLogin { origin, ..samples::listed_login("contoso", "zofia", now) };
        let session = SessionKey::from_bytes([2; 32]);
        let undecided = Undecided::about(login, session, now);
        let origin = undecided.login.origin;
        assert_eq!((origin.session, origin.own_page), (Some(session), false));
        assert_eq!(undecided.expires_at.unix_seconds(), 1_600);
    }
}
