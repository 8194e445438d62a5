//! What a cloud provider is: data that an operator agrees to, and one pure, synchronous function.
//!
//! A provider asks and the host fetches: [`Discovery::next`] returns requests, gets responses and
//! returns the next step. It never sees a secret or a token; it names the credential it needs and
//! the host puts it on.

mod descriptor;
pub mod headers;
mod linked;
mod permission;
mod problem;
mod registry;
mod settings;
mod sign_in;
mod step;
mod subject_mapping;
pub mod template;

pub use self::{
    descriptor::{Capability, Descriptor},
    linked::Linked,
    permission::{Permission, Placement, Principal, SecretHeader},
    problem::{INTERNAL, ProviderError},
    registry::{AllowedTenants, Availability, Away, Providers, Registration, Revision},
    settings::{FieldKind, SettingSpec, Settings},
    sign_in::{
        ClientAuthentication, ConfiguredSignIn, EndpointTemplates, Endpoints, PlainEndpoints,
        ScopeSeparator, SignIn, SignInTemplate, TokenEncoding, UserRecord, UserRecordTemplate,
    },
    step::{Credential, FetchError, Method, Reply, Request, Response, Step},
    subject_mapping::{SubjectMapping, SubjectNotFound, issuer_host, places},
};
use crate::identity::Identity;

/// One cloud, with the operator's settings.
///
/// It is data, [`Provider::describe`], and one function, [`Provider::discover`]. The same inputs
/// give the same outputs: no clock, no randomness, no I/O.
pub trait Provider: Sized + Send + Sync + 'static {
    /// One listing of what a person can reach.
    type Discovery: Discovery;

    /// Who the provider is and all that it decides, before it is configured.
    fn describe() -> Descriptor;

    /// Reads the settings, their defaults filled in, and refuses those that do not hold together.
    fn create(settings: &Settings) -> Result<Self, ProviderError>;

    /// Begins to list what this person can reach.
    fn discover(&self, person: &Person) -> Result<Self::Discovery, ProviderError>;
}

/// Whose resources a provider lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who signed in, or who owns the session where the provider signs nobody in.
    pub identity: Identity,
    /// The members of the token reply that [`SignInTemplate::token_reply`] asks for.
    pub token_reply: Vec<(String, String)>,
}

/// A listing under way: a coroutine.
pub trait Discovery: Send + 'static {
    /// First with no response, then with every response to the step before.
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError>;
}
