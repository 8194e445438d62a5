//! The traits that a provider implements: a declaration, and a coroutine for each listing.
//!
//! A provider returns requests and the host sends them. A request names a permission, and the host adds
//! the token of that permission; a provider never gets a token or a secret.

use crate::{
    declaration::{Descriptor, Settings},
    error::ProviderError,
    identity::Identity,
    listing::{Response, Step},
};

/// A provider with the operator's settings.
///
/// The same inputs must give the same outputs: no clock, no randomness, no I/O.
pub trait Provider: Sized + Send + Sync + 'static {
    /// A listing of what a person can reach.
    type Discovery: Discovery;

    /// The declaration, before the provider is configured.
    fn describe() -> Descriptor;

    /// Makes a provider from settings that have their defaults filled in.
    ///
    /// # Errors
    /// [`ProviderError::Setting`] for a setting that is invalid, alone or with the others.
    fn create(settings: &Settings) -> Result<Self, ProviderError>;

    /// Starts a listing of what this person can reach.
    fn discover(&self, person: &Person) -> Result<Self::Discovery, ProviderError>;
}

/// The person whose resources a provider lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The identity that signed in, or the owner of the session if the provider signs nobody in.
    pub identity: Identity,
    /// The members of the token reply that [`SignInTemplate::token_reply`](crate::SignInTemplate::token_reply) names.
    pub token_reply: Vec<(String, String)>,
}

/// A running listing, as a coroutine.
pub trait Discovery: Send + 'static {
    /// Returns the next step. The first call gets no responses, each later one the responses to all
    /// requests of the step before.
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError>;
}
