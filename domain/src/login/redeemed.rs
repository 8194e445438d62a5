//! A login that has tokens, and the same once its person is identified.

use portico_provider_model::Person;

use super::{ListedLogin, LoginOrigin};
use crate::{
    account::{Account, MAX_LIST_BYTES, SharedListing},
    identity::{Claims, Identity, PersonKey, ProviderId, VerifiedEmail},
    return_to::ReturnTo,
    session::TokenSet,
    sign_in::{ProviderSessionId, SignInKey},
    time::Timestamp,
    verified_claims::VerifiedClaims,
};

/// A redeemed code: the tokens, and the claims of the verified ID token if the provider issues one.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The ID token's claims; `None` at [`Endpoints::Plain`](portico_provider_model::Endpoints::Plain).
    pub claims: Option<VerifiedClaims>,
    /// The verified issuer of the ID token, or the issuer that the plain endpoints declare.
    pub issuer: String,
    /// The person's tokens.
    pub tokens: TokenSet,
    /// The members of the token response that
    /// [`SignIn::token_reply`](portico_provider_model::SignIn::token_reply) declares, as far as they
    /// are strings and no tokens.
    pub token_reply: Vec<(String, String)>,
}

/// A login whose code was redeemed. It is not known yet who signed in.
#[derive(Debug)]
pub struct RedeemedLogin {
    /// The verified response of the token endpoint.
    pub signed_in: SignedIn,
    pub(super) return_to: ReturnTo,
    pub(super) origin: LoginOrigin,
}

/// The person whom a login's session belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOwner {
    /// Their key.
    pub person: PersonKey,
    /// Their verified claims.
    pub user: Claims,
    /// Their e-mail address at this provider, if it has verified it.
    pub email: Option<VerifiedEmail>,
    /// Whether the provider is connect-only: its account joins the owner's session and can begin none.
    pub only_connects: bool,
}

impl RedeemedLogin {
    /// The login with its person.
    pub fn identified(self, owner: SessionOwner, identity: Identity) -> IdentifiedLogin {
        let SignedIn { claims, issuer, tokens, token_reply } = self.signed_in;
        // Of the ID token alone: a user record does not say which session its person signed in with.
        let provider_session = claims.as_ref().and_then(ProviderSessionId::of_id_token);
        let person = Person { identity, token_reply };
        let (return_to, origin) = (self.return_to, self.origin);
        IdentifiedLogin { owner, person, issuer, provider_session, tokens, return_to, origin }
    }
}

/// A login whose person is identified. What they can reach is not known yet.
#[derive(Debug)]
pub struct IdentifiedLogin {
    /// Whose session it leads to.
    pub owner: SessionOwner,
    /// The person as the provider's listing gets them.
    pub person: Person,
    /// The issuer of their identity.
    pub issuer: String,
    /// Their session at the provider, if the ID token names it.
    pub provider_session: Option<ProviderSessionId>,
    /// Their tokens.
    pub tokens: TokenSet,
    return_to: ReturnTo,
    origin: LoginOrigin,
}

impl IdentifiedLogin {
    /// Whether the resources must be listed again: the login requests it, or the provider is
    /// connect-only, so that no claims say whose access token it is.
    pub fn needs_new_listing(&self) -> bool {
        self.origin.refresh || self.owner.only_connects
    }

    /// The login with the account at this provider: a listing, when it was made, and whether more of it
    /// is pending.
    pub fn listed(
        self,
        provider: ProviderId,
        (listing, listed_at, is_listing_pending): (SharedListing, Timestamp, bool),
        now: Timestamp,
    ) -> ListedLogin {
        let Self { owner, person, issuer, provider_session, mut tokens, return_to, origin } = self;
        let Person { identity, token_reply } = person;
        tokens.token_reply = token_reply;
        let key = PersonKey::of(&provider, &issuer, &identity.tenant, &identity.subject);
        let account = Account {
            person: Some(key),
            email: owner.email,
            provider_session: provider_session.map(|it| SignInKey::of_session(&provider, &it)),
            token: Some(tokens.described(now)),
            is_listing_pending,
            ..Account::connected(provider, identity, (listing, listed_at), now)
        };
        ListedLogin {
            person: owner.person,
            user: owner.user,
            only_connects: owner.only_connects,
            account: account.truncated_to(MAX_LIST_BYTES),
            tokens,
            origin,
            return_to,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::testing::samples;

    #[rstest]
    #[case::neither(false, false, false)]
    #[case::login_requests_it(true, false, true)]
    #[case::provider_signs_nobody_in(false, true, true)]
    fn needs_new_listing(
        #[case] refresh: bool,
        #[case] only_connects: bool,
        #[case] expected: bool,
    ) {
        let login = login(refresh, only_connects);
        assert_eq!(login.needs_new_listing(), expected);
    }

    fn login(refresh: bool, only_connects: bool) -> IdentifiedLogin {
        let identity = samples::identity("contoso", "zofia");
        IdentifiedLogin {
            owner: SessionOwner {
                person: samples::person("contoso", "zofia"),
                user: samples::claims("contoso", "zofia"),
                email: None,
                only_connects,
            },
            person: Person { identity, token_reply: vec![] },
            issuer: samples::issuer("contoso"),
            provider_session: ProviderSessionId::parse("there"),
            tokens: samples::tokens("contoso"),
            return_to: samples::pending_login("nonce").return_to,
            origin: LoginOrigin { refresh, ..LoginOrigin::default() },
        }
    }

    #[test]
    fn listed_describes_the_tokens_of_the_account() {
        let now = Timestamp::from_unix_seconds(1_000);
        let listing = samples::account("contoso", "zofia", now).listing;
        let listed = login(false, false).listed(samples::azure(), (listing, now, false), now);
        assert_eq!(listed.account.token, Some(listed.tokens.described(now)));
    }

    #[test]
    fn listed_has_the_key_of_the_session_at_the_provider() {
        let now = Timestamp::from_unix_seconds(1_000);
        let listing = samples::account("contoso", "zofia", now).listing;
        let listed = login(false, false).listed(samples::azure(), (listing, now, false), now);
        let there = ProviderSessionId::parse("there").unwrap();
        let expected = SignInKey::of_session(&samples::azure(), &there);
        assert_eq!(listed.account.provider_session, Some(expected));
    }
}
