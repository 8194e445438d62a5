//! What a provider lists: the tenants and subscriptions that a person can reach, and the steps in which it
//! asks for them.

mod step;

pub use self::step::{Credential, FetchError, Method, Reply, Request, Response, Step};

/// The most subscriptions that a listing may hold. A provider that has more hands over this many and
/// a warning; a longer listing is taken for its fault, and fails the login.
pub const MAX_SUBSCRIPTIONS: usize = 10_000;

/// The most tenants that a listing may hold.
pub const MAX_TENANTS: usize = 1_000;

/// What a listing brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What the person can reach, or the part of it that came: at most [`MAX_SUBSCRIPTIONS`].
    pub subscriptions: Vec<Subscription>,
    /// The tenants that they are in, each with its state: at most [`MAX_TENANTS`].
    pub tenants: Vec<Tenant>,
    /// What is missing and what to do about it, for a person.
    pub warnings: Vec<String>,
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
