//! One running instance, and the calls into it, in interface 2.0.0 whichever it speaks.

use portico_domain::provider::CallError;
use wasmtime::{Store, component::ResourceAny};

use crate::{
    bindings::{v1, v2, wire},
    fault::{self, Place},
    meter::Meter,
    sandbox::Sandbox,
    upgrade,
};

/// A running instance. After a failed call it must be dropped: a guest that trapped may have left
/// anything half done.
pub(crate) struct Instance {
    sandbox: Sandbox,
    /// Away while a call runs; gone where nobody waited for one to end.
    running: Option<Running>,
}

struct Running {
    store: Store<Meter>,
    exports: Exports,
}

impl Drop for Instance {
    /// On a guest's thread too: to give 100 MiB back to the system takes milliseconds.
    fn drop(&mut self) {
        let running = self.running.take();
        self.sandbox.spawn(async move { drop(running) });
    }
}

pub(crate) enum Exports {
    V2(v2::CloudProvider),
    V1(v1::CloudProvider),
}

/// What a guest answers where its interface lets it refuse.
pub(crate) type Answer<T> = Result<T, wire::Problem>;

/// Calls the same function of the guest in the interface it speaks, on a guest's thread: its time is
/// counted, what it did wrong becomes [`CallError::Broken`].
macro_rules! call {
    ($self:ident, $name:literal, |$guest:ident, $store:ident| $v2:expr, $v1:expr $(,)?) => {{
        let mut running = $self.ready()?;
        let call = $self.sandbox.run(running.store.data().cpu(), async move {
            let Running { store, exports } = &mut running;
            let answer = match exports {
                Exports::V2(exports) => {
                    let ($guest, $store) = (exports.portico_provider_provider(), &mut *store);
                    $v2
                }
                Exports::V1(exports) => {
                    let ($guest, $store) = (exports.portico_provider_provider(), &mut *store);
                    $v1
                }
            };
            (running, answer)
        });
        let (running, answer) = call.await;
        $self.judged(running, $name, answer)
    }};
}

impl Instance {
    pub(crate) fn new(sandbox: Sandbox, store: Store<Meter>, exports: Exports) -> Self {
        Self { sandbox, running: Some(Running { store, exports }) }
    }

    /// What a call takes along, where the guest may still be called.
    fn ready(&mut self) -> Result<Running, CallError> {
        let ended = || CallError::Broken("it was asked to go on after it had failed".into());
        let mut running = self.running.take().ok_or_else(ended)?;
        running.store.set_epoch_deadline(1);
        Ok(running)
    }

    /// The guest's answer, unless it failed or spent its time on it.
    fn judged<T>(
        &mut self,
        running: Running,
        function: &'static str,
        answer: wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let meter = running.store.data();
        let answer = answer.and_then(|it| Ok(meter.has_time().map(|()| it)?));
        let place = || Place { function, words: meter.words() };
        let answer = answer.map_err(|error| fault::of_guest(&error, meter.limits(), &place()));
        self.running = Some(running);
        answer
    }

    pub(crate) async fn describe(&mut self) -> Result<wire::Descriptor, CallError> {
        call!(
            self,
            "describe",
            |guest, store| guest.call_describe(store).await,
            guest.call_describe(store).await.map(upgrade::descriptor),
        )
    }

    /// `tenant` is told to interface 1 alone, whose guests are made for one tenant.
    pub(crate) async fn create(
        &mut self,
        settings: &[(String, String)],
        tenant: Option<&str>,
    ) -> Result<Answer<ResourceAny>, CallError> {
        let (settings, tenant) = (settings.to_vec(), tenant.map(str::to_owned));
        call!(
            self,
            "create",
            |guest, store| guest.configured().call_create(store, &settings).await,
            guest
                .configured()
                .call_create(store, &settings, tenant.as_deref())
                .await
                .map(|answer| answer.map_err(upgrade::problem)),
        )
    }

    pub(crate) async fn discover(
        &mut self,
        it: ResourceAny,
        person: &wire::Person,
    ) -> Result<Answer<ResourceAny>, CallError> {
        let person = person.clone();
        call!(
            self,
            "discover",
            |guest, store| guest.configured().call_discover(store, it, &person).await,
            {
                let identity = upgrade::to_v1_identity(&person);
                guest
                    .configured()
                    .call_discover(store, it, &identity)
                    .await
                    .map(|answer| answer.map_err(upgrade::problem))
            },
        )
    }

    pub(crate) async fn next(
        &mut self,
        discovery: ResourceAny,
        responses: Vec<wire::Response>,
    ) -> Result<Answer<wire::Step>, CallError> {
        call!(
            self,
            "next",
            |guest, store| guest.discovery().call_next(store, discovery, &responses).await,
            {
                let responses = responses.into_iter().map(upgrade::to_v1_response);
                let responses: Vec<_> = responses.collect();
                guest
                    .discovery()
                    .call_next(store, discovery, &responses)
                    .await
                    .map(|answer| answer.map(upgrade::step).map_err(upgrade::problem))
            },
        )
    }

    /// How people sign in, as a guest of interface 1 says when it is asked; `None` of interface 2,
    /// which declares it.
    pub(crate) async fn v1_sign_in(
        &mut self,
        it: ResourceAny,
    ) -> Result<Option<upgrade::V1SignIn>, CallError> {
        call!(
            self,
            "sign-in",
            |guest, store| Ok::<_, wasmtime::Error>((guest, store, it)).map(|_| None),
            guest.configured().call_sign_in(store, it).await.map(Some),
        )
    }

    /// Whom a guest of interface 1 names; `None` of interface 2, which has no word in it.
    pub(crate) async fn v1_identify(
        &mut self,
        it: ResourceAny,
        claims: &wire::Json,
    ) -> Result<Answer<Option<upgrade::V1Identity>>, CallError> {
        let claims = claims.clone();
        call!(
            self,
            "identify",
            |guest, store| Ok::<_, wasmtime::Error>((guest, store, it)).map(|_| Ok(None)),
            guest
                .configured()
                .call_identify(store, it, &claims)
                .await
                .map(|answer| answer.map(Some).map_err(upgrade::problem)),
        )
    }
}
