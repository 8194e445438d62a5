//! The model of a cloud provider: data that an operator agrees to, and one pure, synchronous function.
//!
//! This crate is below the domain. Providers use it through the SDK, and the host enforces its rules.
//! It has no I/O, no clock, no async and no process state; a test compares its dependencies with an
//! allow-list.
//!
//! * [`Provider`] and [`Discovery`]: the traits that a provider implements. [`Discovery::next`] returns
//!   requests, gets the responses from the host, and returns the next [`Step`].
//! * [`Descriptor`]: the declaration: [`SettingSpec`], [`SignInTemplate`], [`SubjectMapping`],
//!   [`Permission`].
//! * [`listing`]: tenants, subscriptions and the steps of a listing.
//! * [`paging`]: listings in pages, and warnings about what is missing from them.
//! * [`ProviderError`]: the errors of a provider.
//! * [`template`], [`headers`], [`address`], [`text`], [`json`]: rules for host and providers.

mod declaration;
mod error;
pub mod identity;
pub mod listing;
pub mod paging;
mod provider;
mod rules;

pub use self::{
    declaration::{
        Capability, ClientAuthentication, ConfiguredSignIn, Descriptor, EndpointTemplates,
        Endpoints, FieldKind, Permission, Placement, PlainEndpoints, Principal, ScopeSeparator,
        SecretHeader, SettingSpec, Settings, SignIn, SignInError, SignInTemplate, SubjectMapping,
        SubjectNotFound, TokenEncoding, UserRecord, UserRecordTemplate, issuer_host, places,
        template,
    },
    error::{INTERNAL, ProviderError},
    listing::{
        Credential, FetchError, Method, Reply, Request, Response, Step, TokenRefusal, is_claims,
    },
    provider::{Discovery, Person, Provider},
    rules::{address, headers, json, text},
};
