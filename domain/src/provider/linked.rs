//! Adapts a [`Provider`] that is linked into the program to the port [`CloudProvider`].

use std::marker::PhantomData;

use async_trait::async_trait;

use super::{
    CallError, Descriptor, Discovery, Person, Provider, ProviderError, Response, Settings, Step,
};
use crate::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
};

/// Adapts any [`Provider`] to [`CloudProvider`]; the host treats it like a plug-in.
pub struct Linked<P> {
    descriptor: Descriptor,
    settings: Settings,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Linked<P> {
    /// The provider with the operator's settings. Fails if the provider refuses them.
    pub fn new(settings: Settings) -> Result<Self, ProviderError> {
        let descriptor = P::describe();
        let settings = settings.complete(&descriptor.settings)?;
        P::create(&settings)?;
        let descriptor = descriptor.with_settings(&settings);
        Ok(Self { descriptor, settings, provider: PhantomData })
    }

    /// The settings, defaults included.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

#[async_trait]
impl<P: Provider> CloudProvider for Linked<P> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn identify<'a>(
        &self,
        _: Option<&'a TenantId>,
        _: &Claims,
    ) -> Result<Option<Identity>, CallError> {
        Ok(None)
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, CallError> {
        let listing = P::create(&self.settings)?.discover(person)?;
        Ok(Box::new(LinkedRun(listing)))
    }
}

struct LinkedRun<D>(D);

#[async_trait]
impl<D: Discovery> ListingRun for LinkedRun<D> {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        Ok(self.0.next(responses)?)
    }
}
