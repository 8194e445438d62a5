//! An account: one tenant of one cloud that a person connected, and what they can reach in it.

use std::{
    collections::BTreeSet,
    ops::{Deref, DerefMut},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
pub use portico_provider_model::listing::{
    Listing, MAX_SUBSCRIPTIONS, MAX_TENANTS, Mender, Repair, Subscription, Tenant, TenantState,
};

use crate::{
    digest,
    identity::{Identity, PersonKey, ProviderId, VerifiedEmail},
    sign_in::SignInKey,
    time::Timestamp,
};

mod listing_state;
mod shared;
mod size;
mod token;
mod warnings;

pub use self::{
    listing_state::ListingState,
    shared::{ListingDigest, SharedListing},
    size::{MAX_ACCOUNTS, MAX_LIST_BYTES, MAX_SESSION_BYTES},
    token::{AccountToken, REFRESH_AHEAD, Renewal, TokenHealth, TokenStatus},
};

/// Identifies an account within a session and in routes: 22 characters of base64url.
///
/// Derived from provider, tenant and subject, so that the next login finds the same account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// The id of this person's account in this tenant of this provider.
    pub fn of(provider: &ProviderId, identity: &Identity) -> Self {
        let fields = [provider.as_str(), identity.tenant.as_str(), identity.subject.as_str()];
        let digest = digest::of_fields("portico account", &fields);
        Self(BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]))
    }

    /// Wraps `text` unchecked: no account may have this id.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One tenant of one cloud, as one person reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Derived from the fields below.
    pub id: AccountId,
    /// The cloud.
    pub provider: ProviderId,
    /// The person as the cloud knows them.
    pub identity: Identity,
    /// The key of that person; `None` if an earlier version connected the account to somebody else's
    /// session.
    pub person: Option<PersonKey>,
    /// Their e-mail address, if the cloud has verified it.
    pub email: Option<VerifiedEmail>,
    /// The session at the provider that the account was connected from, if its ID token named one.
    pub provider_session: Option<SignInKey>,
    /// What they can reach. An account derefs to its listing: `account.subscriptions`.
    pub listing: SharedListing,
    /// When the person first connected it to this session.
    pub connected_at: Timestamp,
    /// When it was last listed.
    pub refreshed_at: Timestamp,
    /// Whether a listing is due or under way that brings more than `listing` has: its login did not wait
    /// for it, or its person asked for another.
    pub is_listing_pending: bool,
    /// The places in `listing.tenants` of the tenants whose state is that of another account of the
    /// session, which speaks for them. They are no evidence that this account can list them.
    pub copied_states: BTreeSet<u32>,
    /// What is known of its tokens; `None` in a session of an earlier version, until they are used.
    pub token: Option<AccountToken>,
}

impl Account {
    /// An account that was connected at `now` with this listing of `listed_at`. Its person's key and
    /// e-mail address are not set.
    pub fn connected(
        provider: ProviderId,
        identity: Identity,
        (listing, listed_at): (SharedListing, Timestamp),
        now: Timestamp,
    ) -> Self {
        Self {
            id: AccountId::of(&provider, &identity),
            provider,
            identity,
            person: None,
            email: None,
            provider_session: None,
            listing,
            connected_at: now,
            refreshed_at: listed_at,
            is_listing_pending: false,
            copied_states: BTreeSet::new(),
            token: None,
        }
    }

    /// The state of its tokens at `now`. Those of a session of an earlier version count as usable.
    pub fn token_health(&self, now: Timestamp) -> TokenHealth {
        self.token.as_ref().map_or(TokenHealth::Ok, |token| token.status.health(now))
    }

    /// Whether `issuer` identified its person. An account that an earlier version connected to somebody
    /// else's session is of no issuer.
    pub fn is_of_issuer(&self, issuer: &str) -> bool {
        let Identity { tenant, subject, .. } = &self.identity;
        self.person == Some(PersonKey::of(&self.provider, issuer, tenant, subject))
    }

    /// Whether both are the same tenant of the same cloud.
    pub fn same_tenant(&self, other: &Self) -> bool {
        self.provider == other.provider && self.identity.tenant == other.identity.tenant
    }
}

impl Deref for Account {
    type Target = Listing;

    fn deref(&self) -> &Listing {
        &self.listing
    }
}

impl DerefMut for Account {
    /// The listing for writing: a copy, if other accounts share it.
    fn deref_mut(&mut self) -> &mut Listing {
        self.listing.make_mut()
    }
}
