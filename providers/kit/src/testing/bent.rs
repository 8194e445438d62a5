//! A provider that is good but for one thing.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, DiscoveryRun},
    provider::{Descriptor, Linked, Person, Problem, Provider, Response, Settings, Step},
};

use super::ExampleCloud;
use crate::Factory;

/// What a listing is run through: the step that the good one gives, after these responses.
type Listing =
    Arc<dyn Fn(usize, &[Response], Result<Step, Problem>) -> Result<Step, Problem> + Send + Sync>;

/// The template's provider, bent.
#[derive(Clone)]
pub(crate) struct Bent {
    pub(crate) descriptor: Descriptor,
    pub(crate) configure: fn(&Settings) -> Result<Settings, Problem>,
    pub(crate) listing: Listing,
    /// What the responses are made before the good one sees them.
    pub(crate) hears: fn(Vec<Response>) -> Vec<Response>,
}

impl Bent {
    /// Not bent at all.
    pub(crate) fn straight() -> Self {
        Self {
            descriptor: ExampleCloud::describe(),
            configure: |settings| Ok(settings.clone()),
            listing: Arc::new(|_, _, step| step),
            hears: |responses| responses,
        }
    }

    pub(crate) fn described(change: impl FnOnce(&mut Descriptor)) -> Self {
        let mut bent = Self::straight();
        change(&mut bent.descriptor);
        bent
    }

    pub(crate) fn listing(
        step: impl Fn(usize, &[Response], Result<Step, Problem>) -> Result<Step, Problem>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { listing: Arc::new(step), ..Self::straight() }
    }
}

#[async_trait]
impl Factory for Bent {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn configure(&self, settings: &Settings) -> Result<Arc<dyn CloudProvider>, Problem> {
        let settings = (self.configure)(settings)?;
        let straight = Linked::<ExampleCloud>::new(settings.clone())?;
        let settings = settings.complete(&ExampleCloud::describe().settings)?;
        let descriptor = self.descriptor.clone().with_settings(&settings);
        Ok(Arc::new(Configured { bent: self.clone(), straight, descriptor }))
    }
}

struct Configured {
    bent: Bent,
    straight: Linked<ExampleCloud>,
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
    ) -> Result<Option<Identity>, Problem> {
        Ok(None)
    }

    async fn discover(&self, person: &Person) -> Result<Box<dyn DiscoveryRun>, Problem> {
        let run = self.straight.discover(person).await?;
        Ok(Box::new(BentRun { run, bent: self.bent.clone(), step: 0 }))
    }
}

struct BentRun {
    run: Box<dyn DiscoveryRun>,
    bent: Bent,
    step: usize,
}

#[async_trait]
impl DiscoveryRun for BentRun {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem> {
        let heard = (self.bent.hears)(responses.clone());
        let step = self.run.next(heard).await;
        self.step += 1;
        (self.bent.listing)(self.step, &responses, step)
    }
}
