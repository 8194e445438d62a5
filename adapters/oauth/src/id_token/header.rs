//! The header of an ID token: which key of the provider's, with which algorithm, and nothing else.

use jsonwebtoken::Algorithm;
use portico_domain::{check::Check, ports::IdentityProviderError};
use serde::{Deserialize, de::IgnoredAny};

use crate::document::{invalid, object};

/// The algorithms that are accepted, by their names in RFC 7518 section 3.1 and RFC 8037 section 3.1:
/// signatures with a key pair, by a hash that nobody breaks. Not among them are `none`, which signs
/// nothing; HMAC, whose key whoever verifies could sign with; and those that the cryptography here
/// does not have (ES512, ES256K). Which of them a token may have is up to the key that it names.
pub(crate) const ACCEPTED: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// The algorithm of this name, spelled so, where it is accepted.
pub(crate) fn accepted(name: &str) -> Option<Algorithm> {
    ACCEPTED.into_iter().find(|(known, _)| *known == name).map(|(_, algorithm)| algorithm)
}

/// What counts of a token's header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

/// The members that are read. A key that the token brings itself or points at (`jwk`, `jku`,
/// `x5u`, `x5c`) is not among them: it would vouch for itself.
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
        // RFC 7515 section 4.1.11: what is critical and not understood is refused; none is.
        if members.crit.is_some() {
            return Err(invalid(Check::IdTokenCritical, "its header asks for an extension"));
        }
        if members.typ.is_some_and(|typ| is_another_kind(&typ)) {
            return Err(invalid(Check::IdTokenType, "it is a token of another kind"));
        }
        let algorithm = accepted(&members.alg).ok_or_else(|| {
            let named: String = members.alg.chars().take(32).collect();
            invalid(Check::IdTokenAlgorithm, format!("its algorithm {named:?} is not accepted"))
        })?;
        Ok(Self { algorithm, kid: members.kid })
    }
}

/// Whether this is the type of a token for another purpose, such as `at+jwt` (RFC 9068) or
/// `logout+jwt`. ID tokens have no type of their own, and providers write what they like there;
/// other kinds end like this (RFC 8725 section 3.11).
fn is_another_kind(typ: &str) -> bool {
    typ.to_ascii_lowercase().ends_with("+jwt")
}
