//! The providers that Portico offers. `portico-provider-model` defines what a provider is, and is
//! re-exported here; the registry of the providers of a running Portico is the domain's own.

mod client_credential;
mod linked;
mod registry;

pub use portico_provider_model::{
    Capability, ClientAuthentication, ConfiguredSignIn, Credential, Descriptor, Discovery,
    EndpointTemplates, Endpoints, FetchError, FieldKind, INTERNAL, Method, Permission, Person,
    Placement, PlainEndpoints, Principal, Provider, ProviderError, Reply, Request, Response,
    ScopeSeparator, SecretHeader, SettingSpec, Settings, SignIn, SignInError, SignInTemplate, Step,
    SubjectMapping, SubjectNotFound, TokenEncoding, TokenRefusal, UserRecord, UserRecordTemplate,
    headers, is_claims, issuer_host, places, template,
};

pub use self::{
    client_credential::ClientCredential,
    linked::Linked,
    registry::{AllowedTenants, Availability, Away, OfferVersion, Providers, Registration},
};
pub use crate::{identity::Revision, ports::CallError};
