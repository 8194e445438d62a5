//! A component made ready: everything that needs to be done once is done.

use std::sync::Arc;

use portico_domain::provider::CallError;
use wasmtime::{
    Store,
    component::{Component, Linker},
};

use crate::{
    bindings::{v1, v2},
    error::LoadError,
    fault::{self, Place},
    inspect::{Inspection, Version, root},
    instance::{Exports, Instance},
    limits::Limits,
    memory::{Account, Exhausted},
    meter::Meter,
    sandbox::{STACK, Sandbox},
};

/// A component, linked to nothing, of which any number of instances can be made.
pub(crate) struct Prepared {
    sandbox: Sandbox,
    exports: PreparedExports,
    limits: Limits,
    /// What an instance takes beside its memories and tables.
    beside: usize,
    /// What its instances hold together.
    account: Arc<Account>,
}

#[derive(Clone)]
enum PreparedExports {
    V2(v2::CloudProviderPre<Meter>),
    V1(v1::CloudProviderPre<Meter>),
}

impl Prepared {
    pub(crate) fn new(
        sandbox: Sandbox,
        component: &Component,
        beside: usize,
        limits: Limits,
    ) -> Result<Self, LoadError> {
        // An instance of more could never be had.
        let beside = beside.saturating_add(STACK);
        let most = sandbox.memory().most_of_one().saturating_sub(beside);
        let limits = Limits { memory: limits.memory.min(most >> 20 << 20), ..limits };
        let account = Account::open(Arc::clone(sandbox.memory()));
        // What was inspected before it was compiled is looked at once more: the compiled form may
        // be as old as the cache.
        let version = inspect_compiled(&sandbox, component).acceptable()?;
        let differs = |error: wasmtime::Error| LoadError::Differs(root(&error));
        let unlinked = Linker::new(sandbox.engine()).instantiate_pre(component).map_err(differs)?;
        let exports = match version {
            Version::V2 => v2::CloudProviderPre::new(unlinked).map(PreparedExports::V2),
            Version::V1 => v1::CloudProviderPre::new(unlinked).map(PreparedExports::V1),
        };
        Ok(Self { sandbox, exports: exports.map_err(differs)?, limits, beside, account })
    }

    /// A fresh instance, its start function run; where that fails the guest is at fault.
    pub(crate) async fn start(&self) -> Result<Instance, CallError> {
        let meter = Meter::new(self.limits, self.beside, Arc::clone(&self.account)).await;
        let meter = meter.map_err(|Exhausted| CallError::Overloaded)?;
        let mut store = Store::new(self.sandbox.engine(), meter);
        Meter::install(&mut store);
        let (cpu, exports) = (store.data().cpu(), self.exports.clone());
        let instantiated = self.sandbox.run(cpu, async move {
            let exports = match exports {
                PreparedExports::V2(it) => it.instantiate_async(&mut store).await.map(Exports::V2),
                PreparedExports::V1(it) => it.instantiate_async(&mut store).await.map(Exports::V1),
            };
            exports.map(|exports| (store, exports))
        });
        let failed = |error| fault::of_guest(&error, self.limits, &Place::start());
        let (store, exports) = instantiated.await.map_err(failed)?;
        Ok(Instance::new(self.sandbox.clone(), store, exports))
    }

    /// Whether the guest speaks interface 1, which says how people sign in only when it is asked.
    pub(crate) fn is_v1(&self) -> bool {
        matches!(self.exports, PreparedExports::V1(_))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }
}

fn inspect_compiled(sandbox: &Sandbox, component: &Component) -> Inspection {
    let engine = sandbox.engine();
    let it = component.component_type();
    let imports = it.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let mut inspection = Inspection { imports, ..Inspection::default() };
    it.exports(engine).for_each(|(name, _)| inspection.saw_export(name));
    inspection
}
