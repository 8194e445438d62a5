//! A configured plug-in as the [`CloudProvider`] that use cases call.

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

use crate::{convert, instance::Instance, prepared::PreparedPlugin, upgrade};

/// A configured plug-in.
///
/// Each call gets an instance of its own, and a listing keeps one for all its steps, so that no
/// instance holds data of two logins.
pub struct WasmProvider {
    prepared: Arc<PreparedPlugin>,
    descriptor: Descriptor,
    settings: Vec<(String, String)>,
}

impl WasmProvider {
    /// The plug-in receives the settings that it declares, without the secrets among them.
    pub(crate) fn new(
        prepared: Arc<PreparedPlugin>,
        descriptor: Descriptor,
        settings: &Settings,
    ) -> Self {
        let is_visible = |key: &str| {
            let mut specs = descriptor.settings.iter();
            specs.any(|spec| spec.key == key && spec.kind != FieldKind::Secret)
        };
        let visible = settings.iter().filter(|(key, _)| is_visible(key));
        let settings = visible.map(|(key, value)| (key.into(), value.into())).collect();
        Self { prepared, descriptor, settings }
    }

    /// A new instance, and the `configured` resource in it.
    pub(crate) async fn create(
        &self,
        tenant: Option<&str>,
    ) -> Result<(Instance, ResourceAny), CallError> {
        let mut instance = self.prepared.instantiate().await?;
        let configured = instance.create(&self.settings, tenant).await?;
        Ok((instance, configured.map_err(convert::provider_error)?))
    }

    /// The sign-in of a plug-in of interface 1, as a declaration; `None` for interface 2.
    pub(crate) async fn declare_v1(&self) -> Result<Option<SignInTemplate>, CallError> {
        if !self.prepared.is_v1() {
            return Ok(None);
        }
        let default = self.v1_sign_in(None).await?;
        let mut probed = Vec::new();
        for tenant in upgrade::sign_in::PROBE_TENANTS {
            match self.v1_sign_in(Some(tenant)).await {
                Ok(sign_in) => probed.push(sign_in),
                // It refuses tenants of this form: people sign in to its own tenant only.
                Err(CallError::Provider(
                    ProviderError::Setting { .. } | ProviderError::Other { .. },
                )) => break,
                Err(error) => return Err(error),
            }
        }
        let people = self.descriptor.people.as_ref();
        upgrade::sign_in::declaration(default, probed.try_into().ok(), people).map(Some)
    }

    async fn v1_sign_in(&self, tenant: Option<&str>) -> Result<upgrade::V1SignIn, CallError> {
        let (mut instance, configured) = self.create(tenant).await?;
        let sign_in = instance.v1_sign_in(configured).await?;
        sign_in.ok_or_else(|| CallError::Broken("it declares how people sign in".into()))
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
        identity.map_err(convert::provider_error)?.map(upgrade::identity).transpose()
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, CallError> {
        let tenant = person.identity.tenant.as_str();
        let (mut instance, configured) = self.create(Some(tenant)).await?;
        let discovery = instance.discover(configured, &convert::to_plugin::person(person)).await?;
        let discovery = discovery.map_err(convert::provider_error)?;
        let provider = self.descriptor.id.to_string();
        Ok(Box::new(WasmRun { running: Some((instance, discovery)), provider }))
    }
}

/// A listing in progress, in an instance of its own.
struct WasmRun {
    /// The instance and its `discovery` resource; `None` after a failure, since the state of an
    /// instance that trapped is undefined.
    running: Option<(Instance, ResourceAny)>,
    provider: String,
}

#[async_trait]
impl ListingRun for WasmRun {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        let ended = || CallError::Broken("it was asked to go on after it had failed".into());
        let (mut instance, discovery) = self.running.take().ok_or_else(ended)?;
        let responses = responses.into_iter().map(convert::to_plugin::response).collect();
        let step = instance.next(discovery, responses).await?.map_err(convert::provider_error)?;
        let step = convert::step(step, &self.provider)?;
        self.running = Some((instance, discovery));
        Ok(step)
    }
}
