//! The log of refreshes. They run apart from requests, so no caller could log them.

use super::{IdentityProviderError, StoreError};
use crate::{
    check::Check,
    identity::{Identifiers, ProviderId},
};

/// Whose tokens are refreshed.
#[derive(Clone, Debug)]
pub struct RefreshedAccount {
    /// The provider.
    pub provider: ProviderId,
    /// The person, as the provider knows them.
    pub person: Identifiers,
}

/// The end of a refresh.
#[derive(Debug)]
pub enum RefreshOutcome<'a> {
    /// The new tokens are stored.
    Refreshed,
    /// Others stored newer tokens meanwhile, which are used instead.
    Superseded,
    /// The session or the account ended meanwhile: the new tokens are dropped.
    Ended,
    /// The provider refused the refresh token: the account needs a sign-in.
    NeedsSignIn(&'a IdentityProviderError),
    /// It failed for a reason that may pass.
    Failed(&'a IdentityProviderError),
    /// The new tokens could not be stored.
    NotStored(&'a StoreError),
    /// The response is for another person, by this check: the session ended.
    OtherPerson(Check),
}

/// Called once with the end of a refresh.
pub type EndRefresh = Box<dyn for<'a> FnOnce(RefreshOutcome<'a>) + Send>;

/// Logs refreshes.
pub trait RefreshLog: Send + Sync {
    /// A request to the provider begins. An adapter MUST log one line when the returned function is
    /// called, with the time since then.
    fn begin(&self, account: &RefreshedAccount) -> EndRefresh;
}
