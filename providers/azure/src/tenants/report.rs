//! What is said of a tenant that could not be listed.

use portico_provider::{
    listing::{Mender, Repair, TenantState},
    provider::FetchError,
};

/// How the list of a tenant ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// With its entries, or some of them.
    Listed,
    /// With nothing, for this reason.
    Failed(Report),
    /// The person has no account in it, or it is gone: it is not listed.
    Hidden,
}

/// Why a tenant could not be listed, and how it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) state: TenantState,
    pub(super) reason: String,
    pub(super) mender: Option<Mender>,
    pub(super) repair: Option<Repair>,
}

impl Report {
    pub(super) fn new(state: TenantState, reason: &str, mender: Mender) -> Self {
        Self { state, reason: reason.into(), mender: Some(mender), repair: None }
    }

    pub(super) fn with(self, repair: Repair) -> Self {
        Self { repair: Some(repair), ..self }
    }

    /// The Resource Manager wants a token with these claims (`insufficient_claims`).
    pub(super) fn wants_claims(claims: String) -> Self {
        let reason = "This tenant wants a further check, such as a second factor. Sign in to it.";
        Self::new(TenantState::WantsMfa, reason, Mender::Person).with(Repair::Claims(claims))
    }

    pub(super) fn token_not_accepted() -> Self {
        let reason = "Azure does not accept your token in this tenant. Sign in to it again.";
        Self::new(TenantState::Unreachable, reason, Mender::Person).with(Repair::SignIn)
    }

    pub(super) fn no_token() -> Self {
        let reason = "There is no token of yours for this tenant. Sign in to it.";
        Self::new(TenantState::Unreachable, reason, Mender::Person).with(Repair::SignIn)
    }

    pub(super) fn forbidden() -> Self {
        let reason = "You may not list the subscriptions of this tenant. Ask an administrator of it \
                      for the Reader role.";
        Self::new(TenantState::Blocked, reason, Mender::Administrator)
    }

    pub(super) fn failing(status: u16) -> Self {
        let reason = match status {
            429 => "Azure is asked too often at the moment. Refresh the account in some minutes.",
            _ => "Azure has a problem of its own. Refresh the account later.",
        };
        let reason = format!("{reason} (status {status})");
        Self { state: TenantState::Unreachable, reason, mender: None, repair: None }
    }

    /// A failure that passes.
    pub(super) fn unreachable(error: &FetchError) -> Self {
        let reason = match error {
            FetchError::TimedOut => "It did not answer in time. Refresh the account later.",
            FetchError::BudgetSpent => {
                "There was no time left to list it. Refresh the account to try again."
            }
            FetchError::NotGranted => {
                "This server is not allowed to list it. Whoever runs it should check \
                 AZURE_RESOURCE_MANAGER_URL."
            }
            FetchError::TooLarge => "Azure's answer was larger than is read.",
            FetchError::Refused => "Azure's answer carried a token and was not read.",
            FetchError::Unreachable | FetchError::NoToken | FetchError::TokenRefused(_) => {
                "It cannot be reached. Refresh the account later."
            }
        };
        Self { state: TenantState::Unreachable, reason: reason.into(), mender: None, repair: None }
    }
}
