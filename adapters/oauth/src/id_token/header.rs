//! The JOSE header of an ID token: algorithm and key id.

use jsonwebtoken::Algorithm;
use portico_domain::{check::Check, ports::IdentityProviderError};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    algorithms::accepted,
    document::{invalid, object},
};

/// The validated header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

/// The members that are read. Keys in the header (`jwk`, `jku`, `x5u`, `x5c`) are ignored: a token
/// must not name the key that it is verified with.
#[derive(Deserialize)]
struct Members {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

impl Header {
    /// Reads the JSON of a header.
    pub(super) fn read(json: &[u8]) -> Result<Self, IdentityProviderError> {
        let unreadable = || invalid(Check::IdTokenUnreadable, "its header is not that of a JWT");
        let members: Members = object(json).ok_or_else(unreadable)?;
        // RFC 7515 section 4.1.11: an extension that is not understood is refused; Portico has none.
        if members.crit.is_some() {
            return Err(invalid(Check::IdTokenCritical, "its header asks for an extension"));
        }
        if members.typ.is_some_and(|typ| is_another_kind(&typ)) {
            return Err(invalid(Check::IdTokenType, "it is a token of another kind"));
        }
        let algorithm = accepted(&members.alg).ok_or_else(|| {
            let name: String = members.alg.chars().take(32).collect();
            invalid(Check::IdTokenAlgorithm, format!("its algorithm {name:?} is not accepted"))
        })?;
        Ok(Self { algorithm, kid: members.kid })
    }
}

/// Whether `typ` is of another kind of JWT, such as `at+jwt` (RFC 9068) or `logout+jwt`. ID tokens
/// have no registered type, and providers send various values; those of other kinds end in `+jwt`
/// (RFC 8725 section 3.11).
fn is_another_kind(typ: &str) -> bool {
    typ.to_ascii_lowercase().ends_with("+jwt")
}
