//! A login that has an authorization code, and the same while its token request is under way.

use url::Url;

use super::{LoginOrigin, RedeemedLogin, SignedIn};
use crate::{
    identity::{Revision, TenantId},
    return_to::ReturnTo,
    secret::{AuthorizationCode, Nonce, PkceVerifier},
};

/// A login whose browser returned with a code.
#[derive(Debug)]
pub struct AuthorizedLogin {
    /// The build of the provider that the login began with.
    pub revision: Revision,
    /// The requested tenant, if any.
    pub tenant: Option<TenantId>,
    /// The target of the final redirect.
    pub return_to: ReturnTo,
    /// Where the login began.
    pub origin: LoginOrigin,
    /// The token request. It is sent once.
    pub redemption: Redemption,
}

/// One code and everything that must accompany it to the token endpoint.
#[derive(Debug)]
pub struct Redemption {
    /// Works once.
    pub code: AuthorizationCode,
    /// The PKCE verifier of the attempt.
    pub verifier: PkceVerifier,
    /// The nonce that the ID token must carry.
    pub nonce: Nonce,
    /// The redirect URI of the authorization request.
    pub redirect_uri: Url,
}

impl AuthorizedLogin {
    /// Hands out the token request; the login waits for its response.
    pub fn redeem(self) -> (Redemption, RedeemingLogin) {
        let Self { tenant, return_to, origin, redemption, .. } = self;
        (redemption, RedeemingLogin { tenant, return_to, origin })
    }
}

/// A login whose token request is under way. It has no code any more.
#[derive(Debug)]
pub struct RedeemingLogin {
    /// The requested tenant, if any.
    pub tenant: Option<TenantId>,
    return_to: ReturnTo,
    origin: LoginOrigin,
}

impl RedeemingLogin {
    /// Goes on with the verified response of the token endpoint.
    pub fn redeemed(self, signed_in: SignedIn) -> RedeemedLogin {
        RedeemedLogin { signed_in, return_to: self.return_to, origin: self.origin }
    }
}
