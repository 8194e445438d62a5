//! A provider with one fault.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
    provider::{CallError, Descriptor, Linked, Person, Provider, Response, Settings, Step},
};

use super::ExampleCloud;
use crate::factory::Factory;

/// Changes a step of the correct provider. Gets the number of the step, from 1, and the responses.
type ChangeStep = Arc<
    dyn Fn(usize, &[Response], Result<Step, CallError>) -> Result<Step, CallError> + Send + Sync,
>;

/// The template's provider with hooks that change its behaviour.
#[derive(Clone)]
pub(crate) struct FaultyProvider {
    pub(crate) descriptor: Descriptor,
    pub(crate) configure: fn(&Settings) -> Result<Settings, CallError>,
    pub(crate) listing: ChangeStep,
    /// Changes the responses before the correct provider gets them.
    pub(crate) receives: fn(Vec<Response>) -> Vec<Response>,
}

impl FaultyProvider {
    /// Every hook is the identity.
    pub(crate) fn correct() -> Self {
        Self {
            descriptor: ExampleCloud::describe(),
            configure: |settings| Ok(settings.clone()),
            listing: Arc::new(|_, _, step| step),
            receives: |responses| responses,
        }
    }

    /// With a changed descriptor.
    pub(crate) fn described(change: impl FnOnce(&mut Descriptor)) -> Self {
        let mut faulty = Self::correct();
        change(&mut faulty.descriptor);
        faulty
    }

    /// With changed steps; see [`ChangeStep`].
    pub(crate) fn listing(
        step: impl Fn(usize, &[Response], Result<Step, CallError>) -> Result<Step, CallError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { listing: Arc::new(step), ..Self::correct() }
    }
}

#[async_trait]
impl Factory for FaultyProvider {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn configure(&self, settings: &Settings) -> Result<Arc<dyn CloudProvider>, CallError> {
        let settings = (self.configure)(settings)?;
        let correct = Linked::<ExampleCloud>::new(settings.clone())?;
        let settings = settings.complete(&ExampleCloud::describe().settings)?;
        let descriptor = self.descriptor.clone().with_settings(&settings);
        Ok(Arc::new(Configured { faulty: self.clone(), correct, descriptor }))
    }
}

struct Configured {
    faulty: FaultyProvider,
    correct: Linked<ExampleCloud>,
    descriptor: Descriptor,
}

#[async_trait]
impl CloudProvider for Configured {
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
        let run = self.correct.list(person).await?;
        Ok(Box::new(FaultyRun { run, faulty: self.faulty.clone(), step: 0 }))
    }
}

struct FaultyRun {
    run: Box<dyn ListingRun>,
    faulty: FaultyProvider,
    step: usize,
}

#[async_trait]
impl ListingRun for FaultyRun {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        let received = (self.faulty.receives)(responses.clone());
        let step = self.run.next(received).await;
        self.step += 1;
        (self.faulty.listing)(self.step, &responses, step)
    }
}
