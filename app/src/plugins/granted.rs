//! A plug-in held to what was granted, whatever it says of itself.

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, DiscoveryRun},
    provider::{Descriptor, Grant, Problem, SignIn},
};

/// A provider with the operator's grants in place of those it asks for.
pub(super) struct HeldToGrants<C> {
    inner: C,
    descriptor: Descriptor,
}

impl<C: CloudProvider> HeldToGrants<C> {
    /// `inner` with these grants: what it asks for beyond them it does not have.
    pub(super) fn new(inner: C, grants: Vec<Grant>) -> Self {
        let descriptor = Descriptor { grants, ..inner.descriptor().clone() };
        Self { inner, descriptor }
    }
}

#[async_trait]
impl<C: CloudProvider> CloudProvider for HeldToGrants<C> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn sign_in<'a>(&self, tenant: Option<&'a TenantId>) -> Result<SignIn, Problem> {
        self.inner.sign_in(tenant).await
    }

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Identity, Problem> {
        self.inner.identify(tenant, claims).await
    }

    async fn discover(&self, identity: &Identity) -> Result<Box<dyn DiscoveryRun>, Problem> {
        self.inner.discover(identity).await
    }
}
