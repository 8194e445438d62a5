//! The JOSE header of an ID token or logout token: algorithm and key id.

use jsonwebtoken::Algorithm;
use portico_domain::{check::Check, ports::IdentityProviderError};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    algorithms::accepted,
    document::{invalid, object},
};

/// What a token is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    IdToken,
    LogoutToken,
}

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
    pub(super) fn read(json: &[u8], kind: Kind) -> Result<Self, IdentityProviderError> {
        let unreadable = || invalid(Check::IdTokenUnreadable, "its header is not that of a JWT");
        let members: Members = object(json).ok_or_else(unreadable)?;
        // RFC 7515 section 4.1.11: an extension that is not understood is refused; Portico has none.
        if members.crit.is_some() {
            return Err(invalid(Check::IdTokenCritical, "its header asks for an extension"));
        }
        if members.typ.is_some_and(|typ| kind.excludes(&typ)) {
            return Err(invalid(kind.wrong_type(), "it is a token of another kind"));
        }
        let algorithm = accepted(&members.alg).ok_or_else(|| {
            let name: String = members.alg.chars().take(32).collect();
            invalid(Check::IdTokenAlgorithm, format!("its algorithm {name:?} is not accepted"))
        })?;
        Ok(Self { algorithm, kid: members.kid })
    }
}

impl Kind {
    /// Whether `typ` is of another kind of JWT, such as `at+jwt` (RFC 9068). ID tokens have no registered
    /// type, and providers send various values; those of other kinds end in `+jwt` (RFC 8725 section
    /// 3.11). A logout token should have `logout+jwt` (OpenID Connect Back-Channel Logout section 2.4).
    fn excludes(self, typ: &str) -> bool {
        let typ = typ.to_ascii_lowercase();
        let is_logout = matches!(typ.as_str(), "logout+jwt" | "application/logout+jwt");
        match self {
            Self::IdToken => typ.ends_with("+jwt"),
            Self::LogoutToken => !is_logout && !matches!(typ.as_str(), "jwt" | "application/jwt"),
        }
    }

    fn wrong_type(self) -> Check {
        match self {
            Self::IdToken => Check::IdTokenType,
            Self::LogoutToken => Check::LogoutTokenType,
        }
    }
}
