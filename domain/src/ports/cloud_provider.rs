//! Cloud providers, linked into the program or in a sandbox.

use async_trait::async_trait;
use portico_provider_model::{Descriptor, Person, Response, Step};

use super::CallError;
use crate::identity::{Claims, Identity, TenantId};

/// One cloud with the operator's settings.
///
/// It is asynchronous because a sandboxed provider may yield; it performs no I/O. A call that breaks
/// a rule or a limit of the host fails with [`CallError::Broken`]; later calls are not affected.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CloudProvider: Send + Sync {
    /// The declaration of the provider, with every `{setting}` of its permissions filled.
    fn descriptor(&self) -> &Descriptor;

    /// The identity that a provider of interface 1.0.0 returns for verified claims; `None` for every
    /// other provider. The host uses only its names, and refuses the login if subject or tenant differ
    /// from those that it read itself.
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
    /// The next step. The first call gets no responses, each other one those of the step before.
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError>;
}
