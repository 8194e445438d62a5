//! An account: one tenant of one cloud that a person has connected, and what they can reach in it.

use std::ops::{Deref, DerefMut};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    digest,
    identity::{Identity, ProviderId},
    time::Timestamp,
};

mod shared;
mod size;

pub use self::{
    shared::{ListingDigest, SharedListing},
    size::{MAX_ACCOUNTS, MAX_LIST_BYTES, MAX_SESSION_BYTES},
};

/// Names an account within a session and in routes: 22 characters of base64url.
///
/// It is made from provider, tenant and subject, so that signing in again finds the same account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// The id of this person's account in this tenant of this provider.
    pub fn of(provider: &ProviderId, identity: &Identity) -> Self {
        let fields = [provider.as_str(), identity.tenant.as_str(), identity.subject.as_str()];
        let digest = digest::of_fields("portico account", &fields);
        Self(BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]))
    }

    /// Takes a text that may name an account; whether it does, a session knows.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a cloud bills and groups by: a subscription, a project, an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The cloud's own id.
    pub id: String,
    /// For a person to read; equals `id` where the cloud has no name for it.
    pub display_name: String,
    /// The cloud's own word for its state, such as `Enabled`.
    pub state: Option<String>,
    /// The tenant it belongs to, as the cloud says.
    pub tenant: Option<String>,
    /// What the provider says beside, for apps.
    pub extra: Vec<(String, String)>,
}

/// A directory of the cloud's, and whether the person reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The cloud's own id.
    pub id: String,
    /// For a person to read; equals `id` where the cloud has no name for it.
    pub display_name: String,
    /// Whether what is in it could be listed.
    pub state: TenantState,
    /// Why not, for a person.
    pub reason: Option<String>,
    /// Who can mend it.
    pub mender: Option<Mender>,
    /// How it is mended.
    pub repair: Option<Repair>,
    /// What the provider says beside, for apps.
    pub extra: Vec<(String, String)>,
}

/// Whether what is in a tenant could be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantState {
    /// It was.
    Ok,
    /// There is nothing in it.
    Empty,
    /// It asks for a second factor.
    WantsMfa,
    /// Somebody has to consent.
    WantsConsent,
    /// A policy forbids it.
    Blocked,
    /// It did not answer.
    Unreachable,
}

/// Who can mend what keeps a person from a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mender {
    /// The person.
    Person,
    /// An administrator of the tenant.
    Administrator,
    /// The operator of Portico.
    Operator,
}

/// How it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// By signing in again.
    SignIn,
    /// By signing in again with these claims, a JSON object (OpenID Connect Core section 5.5).
    Claims(String),
    /// At this address.
    Link(String),
}

/// One tenant of one cloud, as one person reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Derived from the fields below.
    pub id: AccountId,
    /// Which cloud.
    pub provider: ProviderId,
    /// Who the person is there.
    pub identity: Identity,
    /// What they reach there. An account reads as its listing: `account.subscriptions`.
    pub listing: SharedListing,
    /// When the person first connected it to this session.
    pub connected_at: Timestamp,
    /// When it was last listed.
    pub refreshed_at: Timestamp,
}

impl Account {
    /// An account that was connected and listed at `now`.
    pub fn connected(
        provider: ProviderId,
        identity: Identity,
        listing: Listing,
        now: Timestamp,
    ) -> Self {
        Self {
            id: AccountId::of(&provider, &identity),
            provider,
            identity,
            listing: listing.into(),
            connected_at: now,
            refreshed_at: now,
        }
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
    /// The listing, apart from that of everybody else who shares it.
    fn deref_mut(&mut self) -> &mut Listing {
        self.listing.make_mut()
    }
}

/// The most subscriptions that a listing may hold. A provider that has more hands over this many and
/// a warning; a longer listing is taken for its fault, and fails the login.
pub const MAX_SUBSCRIPTIONS: usize = 10_000;

/// The most tenants that a listing may hold.
pub const MAX_TENANTS: usize = 1_000;

/// What a discovery brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What the person can reach, or the part of it that came: at most [`MAX_SUBSCRIPTIONS`].
    pub subscriptions: Vec<Subscription>,
    /// The tenants that they are in, each with its state: at most [`MAX_TENANTS`].
    pub tenants: Vec<Tenant>,
    /// What is missing and what to do about it, for a person.
    pub warnings: Vec<String>,
}
