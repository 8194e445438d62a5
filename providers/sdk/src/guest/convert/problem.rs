//! Why a provider cannot go on.

use portico_provider_model::{ProviderError, identity::InvalidIdentifier};

use crate::guest::bindings::wire;

pub(in crate::guest) fn problem(it: ProviderError) -> wire::Problem {
    match it {
        ProviderError::Setting { key, why } => wire::Problem::Setting((key, why)),
        ProviderError::Unexpected(what) => wire::Problem::Unexpected(what),
        ProviderError::Refused { code, help } => wire::Problem::Refused((code, help)),
        ProviderError::Challenge(claims) => wire::Problem::Challenge(claims),
        ProviderError::Other { code, message } => wire::Problem::Other((code, message)),
    }
}

/// The host handed over what cannot be an identifier.
pub(in crate::guest) fn no_identifier(error: InvalidIdentifier) -> wire::Problem {
    wire::Problem::Unexpected(error.to_string())
}
