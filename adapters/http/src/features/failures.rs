//! The error codes of failures of providers and identity providers.

use portico_domain::{
    ports::IdentityProviderError,
    provider::{CallError, ProviderError},
};

use crate::error::ErrorCode;

/// A fault of a plug-in or of a setting is not one of the cloud.
pub(super) fn provider_error(error: &CallError) -> ErrorCode {
    match error {
        CallError::Overloaded => ErrorCode::LoginsOverloaded,
        CallError::Provider(
            ProviderError::Unexpected(_)
            | ProviderError::Refused { .. }
            | ProviderError::Challenge(_),
        ) => ErrorCode::ProviderInvalid,
        // Permanent: a retry does not help.
        CallError::Broken(_)
        | CallError::Provider(ProviderError::Setting { .. } | ProviderError::Other { .. }) => {
            ErrorCode::ProviderBroken
        }
    }
}

/// A failure of an identity provider.
pub(super) fn identity_error(error: &IdentityProviderError) -> ErrorCode {
    match error {
        IdentityProviderError::InvalidResponse { .. } => ErrorCode::ProviderInvalid,
        IdentityProviderError::Misconfigured(_) => ErrorCode::ProviderMisconfigured,
        IdentityProviderError::ClockDiffers { .. } => ErrorCode::ClockDiffers,
        // The provider refused Portico, not the person (RFC 6749 section 5.2).
        IdentityProviderError::Refused { error, .. }
            if matches!(error.error.as_str(), "invalid_client" | "unauthorized_client") =>
        {
            ErrorCode::RegistrationRefused
        }
        IdentityProviderError::Refused { .. } => ErrorCode::ProviderRefused,
        IdentityProviderError::Unreachable(_) => ErrorCode::ProviderUnreachable,
        IdentityProviderError::TimedOut(_) => ErrorCode::ProviderTimeout,
    }
}
