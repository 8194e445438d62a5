//! The errors of the use cases of a decision as failures.

use portico_domain::use_cases::{DecideError, LandError};

use crate::error::{ErrorCode, Failure};

/// A choice that decides nothing.
pub(super) fn decide_failed(error: &DecideError) -> Failure {
    // The provider of these two has gone, and its name with it.
    let mut name = "";
    let code = match error {
        DecideError::NotOffered(id) => {
            name = id.as_str();
            ErrorCode::NoLongerOffered
        }
        DecideError::Away(id) => {
            name = id.as_str();
            ErrorCode::ProviderNotLoaded
        }
        DecideError::NothingAsked => ErrorCode::NothingToDecide,
        DecideError::AskedElsewhere => ErrorCode::OtherDecision,
        DecideError::TenantNotAllowed(_) => ErrorCode::TenantNotAllowed,
        DecideError::Store(error) => error.into(),
        DecideError::Landing(error) => landing_failed(error),
    };
    Failure::at_provider(code, name).because(error)
}

/// A login that succeeded and has no session.
pub(in crate::features) fn landing_failed(error: &LandError) -> ErrorCode {
    match error {
        LandError::Ended => ErrorCode::SessionEndedMeanwhile,
        LandError::SignInFirst => ErrorCode::SignInFirst,
        LandError::TooManyAccounts => ErrorCode::TooManyAccounts,
        LandError::Store(error) => error.into(),
        LandError::Contended => ErrorCode::Busy,
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::identity::{ProviderId, TenantId};

    use super::*;

    #[test]
    fn a_choice_is_refused_for_the_provider_or_for_the_tenant_whichever_has_gone() {
        let id = || ProviderId::parse("github").unwrap();
        let tenant = TenantId::parse("contoso").unwrap();
        for (error, status, code, words) in [
            (DecideError::NotOffered(id()), 404, "unknown_provider", "github is no longer offered"),
            (DecideError::Away(id()), 503, "provider_away", "github is not ready"),
            (
                DecideError::TenantNotAllowed(tenant),
                403,
                "tenant_not_allowed",
                "directory (tenant)",
            ),
        ] {
            let failure = decide_failed(&error);
            let row = failure.code().row();
            assert_eq!((row.status.as_u16(), row.code), (status, code));
            assert!(failure.message().contains(words), "{}", failure.message());
        }
    }
}
