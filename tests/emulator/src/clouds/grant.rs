//! What a person granted: it goes from the authorization request to the code, and on to the tokens.

use super::Cloud;
use crate::personas::Person;

/// What a code or a token of a cloud stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) cloud: Cloud,
    pub(crate) person: &'static Person,
    /// As the request wrote it.
    pub(crate) scope: String,
    pub(crate) redirect_uri: String,
    /// PKCE's S256 challenge.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// Whether a refresh token comes with it.
    pub(crate) offline: bool,
}

impl Grant {
    /// The scopes one by one: separated by spaces or, as GitHub has it too, commas.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split([' ', ',']).filter(|scope| !scope.is_empty())
    }

    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }
}
