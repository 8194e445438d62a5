//! A [`Provider`] linked into the program, as the port that use cases hold.

use std::marker::PhantomData;

use async_trait::async_trait;

use super::{
    CallError, Descriptor, Discovery, Person, Provider, ProviderError, Response, Settings, Step,
};
use crate::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
};

/// Makes any [`Provider`] a [`CloudProvider`]; the host cannot tell it from a plug-in.
pub struct Linked<P> {
    descriptor: Descriptor,
    settings: Settings,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Linked<P> {
    /// The provider with the operator's settings; refuses settings that the provider refuses.
    pub fn new(settings: Settings) -> Result<Self, ProviderError> {
        let descriptor = P::describe();
        let settings = settings.complete(&descriptor.settings)?;
        P::create(&settings)?;
        let descriptor = descriptor.with_settings(&settings);
        Ok(Self { descriptor, settings, provider: PhantomData })
    }

    /// The settings, their defaults filled in.
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
        let discovery = P::create(&self.settings)?.discover(person)?;
        Ok(Box::new(LinkedRun(discovery)))
    }
}

struct LinkedRun<D>(D);

#[async_trait]
impl<D: Discovery> ListingRun for LinkedRun<D> {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        Ok(self.0.next(responses)?)
    }
}
