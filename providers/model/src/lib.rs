//! What a cloud provider is: data that an operator agrees to, and one pure, synchronous function.
//!
//! This crate is below the domain: providers are written with it, through the SDK, and the host
//! holds them against it. It has no I/O, no clock, no async and no process state; a test holds its
//! dependencies against an allow-list.
//!
//! Where things are:
//! * [`Provider`] and [`Discovery`]: what a provider implements. It asks and the host fetches:
//!   [`Discovery::next`] returns requests, gets responses and returns the next [`Step`];
//! * [`Descriptor`]: all that a provider decides, as data: [`SettingSpec`], [`SignInTemplate`],
//!   [`SubjectMapping`], [`Permission`];
//! * [`listing`]: tenants and subscriptions, as a provider lists them;
//! * [`paging`]: listings that come in pages, and the words for what is missing from them;
//! * [`ProviderError`]: why a provider cannot go on;
//! * [`template`], [`headers`], [`address`], [`text`], [`json`]: the rules that host and providers
//!   share.

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
    listing::{Credential, FetchError, Method, Reply, Request, Response, Step},
    provider::{Discovery, Person, Provider},
    rules::{address, headers, json, text},
};
