//! Maps errors of the decision's use cases to failures.

use portico_domain::use_cases::{DecideError, LandError};

use crate::error::{ErrorCode, Failure};

/// The failure of a decision.
pub(super) fn decide_failed(error: &DecideError) -> Failure {
    // The provider of these two is not offered, so only its id is known.
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

/// The error of a login that succeeded and could not be stored.
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
    use rstest::rstest;

    use super::*;

    fn github() -> ProviderId {
        ProviderId::parse("github").unwrap()
    }

    #[rstest]
    #[case::provider_not_offered(
        DecideError::NotOffered(github()),
        (404, "unknown_provider"),
        "github is no longer offered"
    )]
    #[case::provider_loading(
        DecideError::Away(github()),
        (503, "provider_away"),
        "github is not ready"
    )]
    #[case::tenant_not_allowed(
        DecideError::TenantNotAllowed(TenantId::parse("contoso").unwrap()),
        (403, "tenant_not_allowed"),
        "directory (tenant)"
    )]
    fn decide_failed_names_provider_or_tenant(
        #[case] error: DecideError,
        #[case] expected: (u16, &str),
        #[case] message: &str,
    ) {
        let failure = decide_failed(&error);
        let row = failure.code().row();
        assert_eq!((row.status.as_u16(), row.code), expected);
        assert!(failure.message().contains(message), "{}", failure.message());
    }
}
