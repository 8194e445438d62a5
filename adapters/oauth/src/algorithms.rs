//! The signing algorithms that are accepted of ID tokens and their keys.

use jsonwebtoken::Algorithm;

/// The accepted algorithms, by their names in RFC 7518 section 3.1 and RFC 8037 section 3.1: asymmetric
/// signatures with an unbroken hash. Left out are `none`; HMAC, whose verification key can also sign;
/// and algorithms that the crypto library lacks (ES512, ES256K). The key decides which of them a
/// token may use.
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

/// The accepted algorithm of this name (case-sensitive).
pub(crate) fn accepted(name: &str) -> Option<Algorithm> {
    ACCEPTED.into_iter().find(|(known, _)| *known == name).map(|(_, algorithm)| algorithm)
}
