//! A running instance and the calls into it. Results have the types of interface 2.0.0, whichever
//! version the plug-in exports.

use portico_domain::provider::CallError;
use wasmtime::{Store, component::ResourceAny};

use crate::{
    bindings::{v1, v2, wire},
    call_error::{CallSite, call_error},
    meter::Meter,
    sandbox::Sandbox,
    upgrade,
};

/// A running instance. It must be dropped after a failed call: the state of an instance that trapped
/// is undefined.
pub(crate) struct Instance {
    sandbox: Sandbox,
    /// `None` during a call, and after a call whose future was dropped.
    running: Option<Running>,
}

struct Running {
    store: Store<Meter>,
    exports: Exports,
}

impl Drop for Instance {
    /// Drops the store on a background thread: returning 100 MiB to the system takes milliseconds.
    fn drop(&mut self) {
        let running = self.running.take();
        self.sandbox.spawn(async move { drop(running) });
    }
}

pub(crate) enum Exports {
    V2(v2::CloudProvider),
    V1(v1::CloudProvider),
}

/// The result of a function that may return the interface's `problem`.
pub(crate) type ProviderResult<T> = Result<T, wire::Problem>;

/// Calls a function of the interface version that the plug-in exports, on a background thread and with
/// its processor time counted. A failure of the plug-in becomes [`CallError::Broken`].
macro_rules! call {
    ($self:ident, $name:literal, |$plugin:ident, $store:ident| $v2:expr, $v1:expr $(,)?) => {{
        let mut running = $self.begin_call()?;
        let call = $self.sandbox.run(running.store.data().cpu(), async move {
            let Running { store, exports } = &mut running;
            let result = match exports {
                Exports::V2(exports) => {
                    let ($plugin, $store) = (exports.portico_provider_provider(), &mut *store);
                    $v2
                }
                Exports::V1(exports) => {
                    let ($plugin, $store) = (exports.portico_provider_provider(), &mut *store);
                    $v1
                }
            };
            (running, result)
        });
        let (running, result) = call.await;
        $self.end_call(running, $name, result)
    }};
}

impl Instance {
    pub(crate) fn new(sandbox: Sandbox, store: Store<Meter>, exports: Exports) -> Self {
        Self { sandbox, running: Some(Running { store, exports }) }
    }

    /// Takes the store for a call; an error after a call whose future was dropped.
    fn begin_call(&mut self) -> Result<Running, CallError> {
        let ended = || CallError::Broken("it was asked to go on after it had failed".into());
        let mut running = self.running.take().ok_or_else(ended)?;
        running.store.set_epoch_deadline(1);
        Ok(running)
    }

    /// Puts the store back and returns the result of the call; an error if the call failed or used up
    /// the processor time.
    fn end_call<T>(
        &mut self,
        running: Running,
        function: &'static str,
        result: wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let meter = running.store.data();
        let result = result.and_then(|value| Ok(meter.check_cpu_time().map(|()| value)?));
        let site = || CallSite { function, panic_message: meter.panic_message() };
        let result = result.map_err(|error| call_error(&error, meter.limits(), &site()));
        self.running = Some(running);
        result
    }

    pub(crate) async fn describe(&mut self) -> Result<wire::Descriptor, CallError> {
        call!(
            self,
            "describe",
            |plugin, store| plugin.call_describe(store).await,
            plugin.call_describe(store).await.map(upgrade::descriptor),
        )
    }

    /// `tenant` is passed to interface 1 only, which configures an instance for one tenant.
    pub(crate) async fn create(
        &mut self,
        settings: &[(String, String)],
        tenant: Option<&str>,
    ) -> Result<ProviderResult<ResourceAny>, CallError> {
        let (settings, tenant) = (settings.to_vec(), tenant.map(str::to_owned));
        call!(
            self,
            "create",
            |plugin, store| plugin.configured().call_create(store, &settings).await,
            plugin
                .configured()
                .call_create(store, &settings, tenant.as_deref())
                .await
                .map(|result| result.map_err(upgrade::problem)),
        )
    }

    pub(crate) async fn discover(
        &mut self,
        configured: ResourceAny,
        person: &wire::Person,
    ) -> Result<ProviderResult<ResourceAny>, CallError> {
        let person = person.clone();
        call!(
            self,
            "discover",
            |plugin, store| plugin.configured().call_discover(store, configured, &person).await,
            {
                let identity = upgrade::to_v1_identity(&person);
                plugin
                    .configured()
                    .call_discover(store, configured, &identity)
                    .await
                    .map(|result| result.map_err(upgrade::problem))
            },
        )
    }

    pub(crate) async fn next(
        &mut self,
        discovery: ResourceAny,
        responses: Vec<wire::Response>,
    ) -> Result<ProviderResult<wire::Step>, CallError> {
        call!(
            self,
            "next",
            |plugin, store| plugin.discovery().call_next(store, discovery, &responses).await,
            {
                let responses = responses.into_iter().map(upgrade::to_v1_response);
                let responses: Vec<_> = responses.collect();
                plugin
                    .discovery()
                    .call_next(store, discovery, &responses)
                    .await
                    .map(|result| result.map(upgrade::step).map_err(upgrade::problem))
            },
        )
    }

    /// `sign-in` of interface 1; `None` for interface 2, whose descriptor declares it.
    pub(crate) async fn v1_sign_in(
        &mut self,
        configured: ResourceAny,
    ) -> Result<Option<upgrade::V1SignIn>, CallError> {
        call!(
            self,
            "sign-in",
            |plugin, store| Ok::<_, wasmtime::Error>((plugin, store, configured)).map(|_| None),
            plugin.configured().call_sign_in(store, configured).await.map(Some),
        )
    }

    /// `identify` of interface 1; `None` for interface 2, which has no such function.
    pub(crate) async fn v1_identify(
        &mut self,
        configured: ResourceAny,
        claims: &wire::Json,
    ) -> Result<ProviderResult<Option<upgrade::V1Identity>>, CallError> {
        let claims = claims.clone();
        call!(
            self,
            "identify",
            |plugin, store| Ok::<_, wasmtime::Error>((plugin, store, configured)).map(|_| Ok(None)),
            plugin
                .configured()
                .call_identify(store, configured, &claims)
                .await
                .map(|result| result.map(Some).map_err(upgrade::problem)),
        )
    }
}
