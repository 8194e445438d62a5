//! Why a provider cannot go on.

use portico_domain::{identity::InvalidIdentifier, provider::Problem};

use crate::guest::bindings::wire;

pub(in crate::guest) fn problem(it: Problem) -> wire::Problem {
    match it {
        Problem::Setting { key, why } => wire::Problem::Setting((key, why)),
        Problem::Unexpected(what) => wire::Problem::Unexpected(what),
        Problem::Refused { code, help } => wire::Problem::Refused((code, help)),
        Problem::Challenge(claims) => wire::Problem::Challenge(claims),
        Problem::Other { code, message } => wire::Problem::Other((code, message)),
        // The host's words: a provider has none for its own faults.
        Problem::Broken(rule) => wire::Problem::Other(("internal".into(), rule)),
        Problem::Overloaded => wire::Problem::Other(("overloaded".into(), it.to_string())),
    }
}

/// The host handed over what cannot be an identifier.
pub(in crate::guest) fn no_identifier(error: InvalidIdentifier) -> wire::Problem {
    wire::Problem::Unexpected(error.to_string())
}
