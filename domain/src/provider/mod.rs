//! What a cloud provider is: a pure, synchronous description of one cloud.
//!
//! A provider asks and the host fetches: [`Discovery::next`] returns requests, gets responses and
//! returns the next step. It never sees a secret or a token; it names the credential it needs and
//! the host puts it on.

mod descriptor;
mod grant;
mod linked;
mod people;
mod problem;
mod registry;
mod settings;
mod sign_in;
mod step;

pub use self::{
    descriptor::Descriptor,
    grant::{Grant, Placement, Principal},
    linked::Linked,
    people::{People, issuer_host},
    problem::Problem,
    registry::{AllowedTenants, Providers, Registration, Revision},
    settings::{FieldKind, SettingSpec, Settings},
    sign_in::{ClientAuthentication, Endpoints, PlainEndpoints, SignIn, TokenEncoding, UserRecord},
    step::{Credential, FetchError, Method, Reply, Request, Response, Step},
};
use crate::identity::{Claims, Identity, TenantId};

/// One cloud, with the operator's settings, for one tenant or the default.
///
/// The same inputs give the same outputs: no clock, no randomness, no I/O.
pub trait Provider: Sized + Send + Sync + 'static {
    /// One listing of what a person can reach.
    type Discovery: Discovery;

    /// Who the provider is, before it is configured.
    fn describe() -> Descriptor;

    /// Reads the settings, their defaults filled in. `tenant` is the tenant to sign in to, where
    /// somebody asked for one.
    fn create(settings: &Settings, tenant: Option<&TenantId>) -> Result<Self, Problem>;

    /// How people sign in.
    fn sign_in(&self) -> SignIn;

    /// Reads who signed in from verified claims, or from the user record where there are none.
    /// Never called where [`Descriptor::people`] is `None`.
    fn identify(&self, claims: &Claims) -> Result<Identity, Problem>;

    /// Begins to list what this person can reach.
    fn discover(&self, identity: &Identity) -> Result<Self::Discovery, Problem>;
}

/// A listing under way: a coroutine.
pub trait Discovery: Send + 'static {
    /// First with no response, then with every response to the step before.
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem>;
}
