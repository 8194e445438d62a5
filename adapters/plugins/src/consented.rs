//! A provider with the descriptor that an operator agreed to, whatever the plug-in declares.

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
    provider::{CallError, Descriptor, Person},
};

/// A provider whose descriptor is replaced by the agreed one.
pub(crate) struct Consented<C> {
    inner: C,
    descriptor: Descriptor,
}

impl<C: CloudProvider> Consented<C> {
    /// `inner` with this descriptor; what it declares beyond that is not granted.
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
    ) -> Result<Option<Identity>, CallError> {
        self.inner.identify(tenant, claims).await
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, CallError> {
        self.inner.list(person).await
    }
}
