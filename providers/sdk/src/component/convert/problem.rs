//! The errors of a provider.

use portico_provider_model::{ProviderError, identity::InvalidIdentifier};

use crate::component::bindings::wire;

pub(in crate::component) fn problem(it: ProviderError) -> wire::Problem {
    match it {
        ProviderError::Setting { key, why } => wire::Problem::Setting((key, why)),
        ProviderError::Unexpected(what) => wire::Problem::Unexpected(what),
        ProviderError::Refused { code, help } => wire::Problem::Refused((code, help)),
        ProviderError::Challenge(claims) => wire::Problem::Challenge(claims),
        ProviderError::Other { code, message } => wire::Problem::Other((code, message)),
    }
}

/// The problem if the host passes an invalid identifier.
pub(in crate::component) fn invalid_identifier(error: InvalidIdentifier) -> wire::Problem {
    wire::Problem::Unexpected(error.to_string())
}
