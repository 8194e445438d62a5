//! What a provider implements: data, and one coroutine for each listing.
//!
//! A provider asks and the host fetches. It never sees a secret or a token; it names the permission
//! under which a request is sent, and the host puts the token on.

use crate::{Descriptor, ProviderError, Response, Settings, Step, identity::Identity};

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
    /// The members of the token reply that [`SignInTemplate::token_reply`](crate::SignInTemplate::token_reply) asks for.
    pub token_reply: Vec<(String, String)>,
}

/// A listing under way: a coroutine.
pub trait Discovery: Send + 'static {
    /// First with no response, then with every response to the step before.
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError>;
}
