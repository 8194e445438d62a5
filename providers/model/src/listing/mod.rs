//! Listings: the tenants and subscriptions that a person can reach, and the steps of a listing.

mod refusal;
mod step;

pub use self::refusal::{MAX_CLAIMS_LEN, TokenRefusal, is_claims};
pub use self::step::{Credential, FetchError, Method, Reply, Request, Response, Step};

/// The most subscriptions in a listing. A provider with more must return this many and a warning; the
/// host fails the login for a longer listing.
pub const MAX_SUBSCRIPTIONS: usize = 10_000;

/// The most tenants in a listing.
pub const MAX_TENANTS: usize = 1_000;

/// The result of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The subscriptions that the person can reach, or some of them: at most [`MAX_SUBSCRIPTIONS`].
    pub subscriptions: Vec<Subscription>,
    /// The person's tenants with their states: at most [`MAX_TENANTS`].
    pub tenants: Vec<Tenant>,
    /// What is missing and what to do about it, for a person.
    pub warnings: Vec<String>,
}

/// The unit by which a cloud bills and groups: a subscription, a project, an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The cloud's own id.
    pub id: String,
    /// For a person to read; equals `id` if the cloud has no name for it.
    pub display_name: String,
    /// The state as the cloud names it, such as `Enabled`.
    pub state: Option<String>,
    /// The tenant it belongs to.
    pub tenant: Option<String>,
    /// Additional members for apps.
    pub extra: Vec<(String, String)>,
}

/// A directory of one customer of the cloud, and whether it could be listed for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The cloud's own id.
    pub id: String,
    /// For a person to read; equals `id` if the cloud has no name for it.
    pub display_name: String,
    /// Whether its subscriptions could be listed.
    pub state: TenantState,
    /// Why not, for a person.
    pub reason: Option<String>,
    /// Who can make it reachable.
    pub mender: Option<Mender>,
    /// How it becomes reachable.
    pub repair: Option<Repair>,
    /// Additional members for apps.
    pub extra: Vec<(String, String)>,
}

/// Whether the subscriptions of a tenant could be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantState {
    /// They were listed.
    Ok,
    /// It has none.
    Empty,
    /// It requires a second factor.
    WantsMfa,
    /// It requires somebody's consent.
    WantsConsent,
    /// A policy forbids access.
    Blocked,
    /// It did not respond.
    Unreachable,
}

/// Who can make a tenant reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mender {
    /// The person.
    Person,
    /// An administrator of the tenant.
    Administrator,
    /// The operator of Portico.
    Operator,
}

/// How a tenant becomes reachable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// By signing in again.
    SignIn,
    /// By signing in again with these claims, a JSON object (OpenID Connect Core section 5.5).
    Claims(String),
    /// On the page at this address.
    Link(String),
}
