//! A [`Provider`] linked into the program, as the port that use cases hold.

use std::marker::PhantomData;

use async_trait::async_trait;

use super::{Descriptor, Discovery, Problem, Provider, Response, Settings, SignIn, Step};
use crate::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, DiscoveryRun},
};

/// Makes any [`Provider`] a [`CloudProvider`]; the host cannot tell it from a plug-in.
pub struct Linked<P> {
    settings: Settings,
    descriptor: Descriptor,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Linked<P> {
    /// The provider with the operator's settings; refuses settings that the provider refuses.
    pub fn new(settings: Settings) -> Result<Self, Problem> {
        let descriptor = P::describe();
        let settings = settings.complete(&descriptor.settings)?;
        P::create(&settings, None)?;
        let descriptor = descriptor.with_settings(&settings);
        Ok(Self { settings, descriptor, provider: PhantomData })
    }

    fn create(&self, tenant: Option<&TenantId>) -> Result<P, Problem> {
        P::create(&self.settings, tenant)
    }
}

#[async_trait]
impl<P: Provider> CloudProvider for Linked<P> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn sign_in<'a>(&self, tenant: Option<&'a TenantId>) -> Result<SignIn, Problem> {
        Ok(self.create(tenant)?.sign_in())
    }

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Identity, Problem> {
        self.create(tenant)?.identify(claims)
    }

    async fn discover(&self, identity: &Identity) -> Result<Box<dyn DiscoveryRun>, Problem> {
        let discovery = self.create(Some(&identity.tenant))?.discover(identity)?;
        Ok(Box::new(LinkedRun(discovery)))
    }
}

struct LinkedRun<D>(D);

#[async_trait]
impl<D: Discovery> DiscoveryRun for LinkedRun<D> {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem> {
        self.0.next(responses)
    }
}
