//! A plug-in with its settings, as the port that use cases hold.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, DiscoveryRun},
    provider::{Descriptor, Problem, Response, Settings, SignIn, Step},
};
use tokio::sync::OnceCell;
use wasmtime::component::ResourceAny;

use crate::{convert, instance::Instance, prepared::Prepared};

/// A plug-in, configured.
///
/// Every call gets an instance of its own and a listing keeps one, so that nothing of one login is
/// there for the next to read.
pub struct WasmProvider {
    prepared: Arc<Prepared>,
    descriptor: Descriptor,
    settings: Vec<(String, String)>,
    /// How people sign in where no tenant is named: a pure function of the settings, asked once.
    sign_in: OnceCell<SignIn>,
}

impl WasmProvider {
    pub(crate) fn new(
        prepared: Arc<Prepared>,
        descriptor: Descriptor,
        settings: &Settings,
    ) -> Self {
        let settings = settings.iter().map(|(key, value)| (key.into(), value.into())).collect();
        Self { prepared, descriptor, settings, sign_in: OnceCell::new() }
    }

    /// A fresh instance, and the configured provider in it.
    pub(crate) async fn create(
        &self,
        tenant: Option<&TenantId>,
    ) -> Result<(Instance, ResourceAny), Problem> {
        let mut instance = self.prepared.start().await?;
        let tenant = tenant.map(TenantId::as_str);
        let configured = instance.create(&self.settings, tenant).await?;
        Ok((instance, configured.map_err(convert::problem)?))
    }

    async fn ask_sign_in(&self, tenant: Option<&TenantId>) -> Result<SignIn, Problem> {
        let (mut instance, configured) = self.create(tenant).await?;
        convert::sign_in(instance.sign_in(configured).await?)
    }
}

#[async_trait]
impl CloudProvider for WasmProvider {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn sign_in<'a>(&self, tenant: Option<&'a TenantId>) -> Result<SignIn, Problem> {
        match tenant {
            Some(_) => self.ask_sign_in(tenant).await,
            None => self.sign_in.get_or_try_init(|| self.ask_sign_in(None)).await.cloned(),
        }
    }

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Identity, Problem> {
        let (mut instance, configured) = self.create(tenant).await?;
        let identity = instance.identify(configured, &claims.json().to_owned()).await?;
        convert::identity(identity.map_err(convert::problem)?)
    }

    async fn discover(&self, identity: &Identity) -> Result<Box<dyn DiscoveryRun>, Problem> {
        let (mut instance, configured) = self.create(Some(&identity.tenant)).await?;
        let identity = convert::to_guest::identity(identity);
        let discovery = instance.discover(configured, &identity).await?;
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
impl DiscoveryRun for WasmRun {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem> {
        let ended = || Problem::Broken("it was asked to go on after it had failed".into());
        let (mut instance, discovery) = self.running.take().ok_or_else(ended)?;
        let responses = responses.into_iter().map(convert::to_guest::response).collect();
        let step = instance.next(discovery, responses).await?.map_err(convert::problem)?;
        let step = convert::step(step, &self.provider)?;
        self.running = Some((instance, discovery));
        Ok(step)
    }
}
