//! A plug-in held to what an operator agreed to, whatever it says of itself.

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
    provider::{Descriptor, Person, ProviderError},
};

/// A provider whose descriptor is the one that was agreed to.
pub(crate) struct Consented<C> {
    inner: C,
    descriptor: Descriptor,
}

impl<C: CloudProvider> Consented<C> {
    /// `inner` with this descriptor: what it asks for beyond it does not have.
    pub(crate) fn new(inner: C, descriptor: Descriptor) -> Self {
        Self { inner, descriptor }
    }
}

#[async_trait]
impl<C: CloudProvider> CloudProvider for Consented<C> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Option<Identity>, ProviderError> {
        self.inner.identify(tenant, claims).await
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, ProviderError> {
        self.inner.list(person).await
    }
}
