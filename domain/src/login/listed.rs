//! A login that succeeded: its person is identified, and their account listed.

use super::LoginOrigin;
use crate::{
    account::Account,
    identity::{Claims, PersonKey},
    return_to::ReturnTo,
    session::TokenSet,
};

/// A login that succeeded and has no session yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLogin {
    /// The person who signed in; the owner of the session if the provider is connect-only.
    pub person: PersonKey,
    /// Their verified claims.
    pub user: Claims,
    /// Whether the provider is connect-only: the account joins a session and can begin none.
    pub only_connects: bool,
    /// What they can reach.
    pub account: Account,
    /// Its tokens.
    pub tokens: TokenSet,
    /// Where the login began.
    pub origin: LoginOrigin,
    /// The target of the final redirect.
    pub return_to: ReturnTo,
}
