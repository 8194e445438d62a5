//! The grant of an Entra ID authorization code.

use crate::directory::SignIn;
use crate::personas::{Membership, Person};

/// The grant that a code represents.
#[derive(Clone, Debug)]
pub(crate) struct CodeGrant {
    pub(crate) person: &'static Person,
    pub(crate) membership: &'static Membership,
    pub(crate) redirect_uri: String,
    /// PKCE's S256 challenge.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: String,
    pub(crate) sign_in: SignIn,
}
