//! One running instance, and the calls into it, in interface 1.0.0 whichever it speaks.

use portico_domain::provider::Problem;
use wasmtime::{Store, component::ResourceAny};

use crate::{
    bindings::{v0, v1, wire},
    fault,
    meter::Meter,
    sandbox::Sandbox,
    upgrade,
};

/// A running instance. After a failed call it must be dropped: a guest that trapped may have left
/// anything half done.
pub(crate) struct Instance {
    sandbox: Sandbox,
    store: Store<Meter>,
    exports: Exports,
}

pub(crate) enum Exports {
    V1(v1::CloudProvider),
    V0(v0::CloudProvider),
}

/// What a guest answers where its interface lets it refuse.
pub(crate) type Answer<T> = Result<T, wire::Problem>;

/// Calls the same function of the guest in the interface it speaks: its time is counted, what it
/// did wrong becomes [`Problem::Broken`].
macro_rules! call {
    ($self:ident, |$guest:ident, $store:ident| $v1:expr, $v0:expr $(,)?) => {{
        let Self { sandbox, store, exports } = $self;
        Meter::begin_call(store);
        let running = sandbox.begin();
        let answer = match exports {
            Exports::V1(exports) => {
                let ($guest, $store) = (exports.portico_provider_provider(), &mut *store);
                $v1
            }
            Exports::V0(exports) => {
                let ($guest, $store) = (exports.portico_provider_provider(), &mut *store);
                $v0
            }
        };
        drop(running);
        answer.map_err(|error| fault::of_guest(&error, store.data().limits()))
    }};
}

impl Instance {
    pub(crate) fn new(sandbox: Sandbox, store: Store<Meter>, exports: Exports) -> Self {
        Self { sandbox, store, exports }
    }

    pub(crate) async fn describe(&mut self) -> Result<upgrade::Described, Problem> {
        call!(
            self,
            |guest, store| guest.call_describe(store).await.map(upgrade::Described::V1),
            guest.call_describe(store).await.map(upgrade::descriptor),
        )
    }

    pub(crate) async fn create(
        &mut self,
        settings: &Vec<(String, String)>,
        tenant: Option<&str>,
    ) -> Result<Answer<ResourceAny>, Problem> {
        call!(
            self,
            |guest, store| guest.configured().call_create(store, settings, tenant).await,
            guest
                .configured()
                .call_create(store, settings, tenant)
                .await
                .map(|answer| answer.map_err(upgrade::problem)),
        )
    }

    pub(crate) async fn sign_in(&mut self, it: ResourceAny) -> Result<wire::SignIn, Problem> {
        call!(
            self,
            |guest, store| guest.configured().call_sign_in(store, it).await,
            guest.configured().call_sign_in(store, it).await.map(upgrade::sign_in),
        )
    }

    pub(crate) async fn identify(
        &mut self,
        it: ResourceAny,
        claims: &wire::Json,
    ) -> Result<Answer<wire::Identity>, Problem> {
        call!(
            self,
            |guest, store| guest.configured().call_identify(store, it, claims).await,
            guest
                .configured()
                .call_identify(store, it, claims)
                .await
                .map(|answer| answer.map(upgrade::identity).map_err(upgrade::problem)),
        )
    }

    pub(crate) async fn discover(
        &mut self,
        it: ResourceAny,
        identity: &wire::Identity,
    ) -> Result<Answer<ResourceAny>, Problem> {
        call!(self, |guest, store| guest.configured().call_discover(store, it, identity).await, {
            let identity = upgrade::to_old_identity(identity);
            guest
                .configured()
                .call_discover(store, it, Some(&identity))
                .await
                .map(|answer| answer.map_err(upgrade::problem))
        },)
    }

    pub(crate) async fn next(
        &mut self,
        discovery: ResourceAny,
        responses: Vec<wire::Response>,
    ) -> Result<Answer<wire::Step>, Problem> {
        call!(
            self,
            |guest, store| guest.discovery().call_next(store, discovery, &responses).await,
            {
                let responses = responses.into_iter().map(upgrade::to_old_response);
                let responses: Vec<_> = responses.collect();
                guest
                    .discovery()
                    .call_next(store, discovery, &responses)
                    .await
                    .map(|answer| answer.map(upgrade::step).map_err(upgrade::problem))
            },
        )
    }
}
