//! A login that has succeeded and whose person has to say what shall become of it.
//!
//! Somebody is signed in, and the browser came back from a login that they may not have begun, as
//! somebody their session does not know. Connecting would make the one the other; so it waits, for
//! minutes and in one browser, until they choose.

use std::time::Duration;

use super::LoginOrigin;
use crate::{
    account::Account,
    digest,
    identity::{Claims, PersonKey},
    return_to::ReturnTo,
    secret::DecisionId,
    session::{SessionKey, TokenSet},
    time::Timestamp,
};

/// How long a person may take to choose.
pub const DECISION_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How many logins of one person may wait; one more takes the place of the oldest.
pub const MAX_UNDECIDED: usize = 3;

/// What stores know an undecided login by: the SHA-256 of what the browser's cookie holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionKey([u8; 32]);

impl DecisionKey {
    /// The key of the login that this names.
    pub fn of(id: &DecisionId) -> Self {
        Self(digest::of_bytes(id.expose().as_bytes()))
    }

    /// The key as a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Names the login on its page: 16 hexadecimal digits, no secret. So a choice is for the login
    /// that the person saw, whatever another tab has come back with since.
    pub fn label(&self) -> String {
        self.0[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Somebody who has come back from a provider, with their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who they are; the owner of the session where the provider signs nobody in.
    pub person: PersonKey,
    /// The verified claims.
    pub user: Claims,
    /// Whether the provider signs nobody in: the account joins a session and can begin none.
    pub only_connects: bool,
    /// What they can reach.
    pub account: Account,
    /// Its tokens.
    pub tokens: TokenSet,
    /// Where the login was begun.
    pub origin: LoginOrigin,
    /// Where it ends.
    pub return_to: ReturnTo,
}

/// A login that waits for a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Who has come back. Their `origin` names the session that the choice is about.
    pub arrival: Arrival,
    /// After this there is nothing to choose.
    pub expires_at: Timestamp,
}

impl Undecided {
    /// A login that is held against this session.
    pub fn beside(mut arrival: Arrival, session: SessionKey, now: Timestamp) -> Self {
        arrival.origin = LoginOrigin { session: Some(session), own_page: false, ..arrival.origin };
        Self { arrival, expires_at: now.plus(DECISION_LIFETIME) }
    }
}

/// What a person chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The account joins the session that the browser has.
    Connect,
    /// That session ends, and the new person's begins.
    SignIn,
    /// The login is forgotten.
    Neither,
}
