//! The cloud providers that use cases hold, linked in or in a sandbox.

use async_trait::async_trait;
use portico_provider_model::{Descriptor, Person, Response, Step};

use super::CallError;
use crate::identity::{Claims, Identity, TenantId};

/// One cloud with the operator's settings.
///
/// It is asynchronous because a sandboxed one may yield; it performs no I/O of its own. Where it
/// breaks a rule or a limit of the host the error is [`CallError::Broken`], and only that call fails.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CloudProvider: Send + Sync {
    /// Who the provider is, every `{setting}` of its grants filled.
    fn descriptor(&self) -> &Descriptor;

    /// Whom a provider of interface 1 names for verified claims; `None` for every other provider,
    /// which has no word in it. The host believes the names alone, and refuses the login where
    /// subject or tenant are not those that it read itself.
    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Option<Identity>, CallError>;

    /// Begins a listing of what this person can reach in the tenant they signed in to.
    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, CallError>;
}

/// A listing under way.
#[async_trait]
pub trait ListingRun: Send {
    /// First with no response, then with every response to the step before.
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError>;
}
