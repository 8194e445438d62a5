//! The authorization grant: made from the authorization request, held by the code and then by the tokens.

use crate::cloud::Cloud;
use crate::personas::Person;

/// The grant that a cloud's code or token represents.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) cloud: Cloud,
    pub(crate) person: &'static Person,
    /// The scope as the request wrote it.
    pub(crate) scope: String,
    pub(crate) redirect_uri: String,
    /// PKCE's S256 challenge.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// Whether a refresh token is issued.
    pub(crate) offline: bool,
}

impl Grant {
    /// The single scopes, separated by spaces or, at GitHub, also by commas.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split([' ', ',']).filter(|scope| !scope.is_empty())
    }

    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }
}
