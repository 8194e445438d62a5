//! A plug-in with its settings, as the port that use cases hold.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
    provider::{
        CallError, Descriptor, FieldKind, Person, ProviderError, Response, Settings,
        SignInTemplate, Step,
    },
};
use wasmtime::component::ResourceAny;

use crate::{convert, instance::Instance, prepared::Prepared, upgrade};

/// A plug-in, configured.
///
/// Every call gets an instance of its own and a listing keeps one, so that nothing of one login is
/// there for the next to read.
pub struct WasmProvider {
    prepared: Arc<Prepared>,
    descriptor: Descriptor,
    settings: Vec<(String, String)>,
}

impl WasmProvider {
    /// It is told the settings that it asked for, without the secrets among them.
    pub(crate) fn new(
        prepared: Arc<Prepared>,
        descriptor: Descriptor,
        settings: &Settings,
    ) -> Self {
        let is_told = |key: &str| {
            let mut specs = descriptor.settings.iter();
            specs.any(|spec| spec.key == key && spec.kind != FieldKind::Secret)
        };
        let told = settings.iter().filter(|(key, _)| is_told(key));
        let settings = told.map(|(key, value)| (key.into(), value.into())).collect();
        Self { prepared, descriptor, settings }
    }

    /// A fresh instance, and the configured provider in it.
    pub(crate) async fn create(
        &self,
        tenant: Option<&str>,
    ) -> Result<(Instance, ResourceAny), CallError> {
        let mut instance = self.prepared.start().await?;
        let configured = instance.create(&self.settings, tenant).await?;
        Ok((instance, configured.map_err(convert::problem)?))
    }

    /// How people sign in with a guest of interface 1, as a declaration; `None` of interface 2.
    pub(crate) async fn declare_v1(&self) -> Result<Option<SignInTemplate>, CallError> {
        if !self.prepared.is_v1() {
            return Ok(None);
        }
        let default = self.v1_sign_in(None).await?;
        let mut probed = Vec::new();
        for tenant in upgrade::sign_in::PROBES {
            match self.v1_sign_in(Some(tenant)).await {
                Ok(said) => probed.push(said),
                // It takes no tenant of this form: it signs people in to its own alone.
                Err(CallError::Provider(
                    ProviderError::Setting { .. } | ProviderError::Other { .. },
                )) => break,
                Err(problem) => return Err(problem),
            }
        }
        upgrade::sign_in::declared(default, probed.try_into().ok(), self.descriptor.people.as_ref())
            .map(Some)
    }

    async fn v1_sign_in(&self, tenant: Option<&str>) -> Result<upgrade::V1SignIn, CallError> {
        let (mut instance, configured) = self.create(tenant).await?;
        let said = instance.v1_sign_in(configured).await?;
        said.ok_or_else(|| CallError::Broken("it declares how people sign in".into()))
    }
}

#[async_trait]
impl CloudProvider for WasmProvider {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Option<Identity>, CallError> {
        if !self.prepared.is_v1() {
            return Ok(None);
        }
        let (mut instance, configured) = self.create(tenant.map(TenantId::as_str)).await?;
        let identity = instance.v1_identify(configured, &claims.json().to_owned()).await?;
        identity.map_err(convert::problem)?.map(convert::identity).transpose()
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, CallError> {
        let tenant = person.identity.tenant.as_str();
        let (mut instance, configured) = self.create(Some(tenant)).await?;
        let discovery = instance.discover(configured, &convert::to_guest::person(person)).await?;
        let discovery = discovery.map_err(convert::problem)?;
        let provider = self.descriptor.id.to_string();
        Ok(Box::new(WasmRun { running: Some((instance, discovery)), provider }))
    }
}

/// A listing under way, in an instance of its own.
struct WasmRun {
    /// Gone after a failure: what is left in an instance that trapped is anybody's guess.
    running: Option<(Instance, ResourceAny)>,
    provider: String,
}

#[async_trait]
impl ListingRun for WasmRun {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        let ended = || CallError::Broken("it was asked to go on after it had failed".into());
        let (mut instance, discovery) = self.running.take().ok_or_else(ended)?;
        let responses = responses.into_iter().map(convert::to_guest::response).collect();
        let step = instance.next(discovery, responses).await?.map_err(convert::problem)?;
        let step = convert::step(step, &self.provider)?;
        self.running = Some((instance, discovery));
        Ok(step)
    }
}
