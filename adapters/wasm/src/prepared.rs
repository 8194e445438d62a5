//! A component for which all work that is needed only once is done: validated and linked.

use std::sync::Arc;

use portico_domain::provider::CallError;
use wasmtime::{
    Store,
    component::{Component, Linker},
};

use crate::{
    bindings::{v1, v2},
    call_error::{CallSite, call_error},
    error::LoadError,
    inspect::{Inspection, Version, root_cause},
    instance::{Exports, Instance},
    limits::Limits,
    memory::{Account, Exhausted},
    meter::Meter,
    sandbox::{STACK, Sandbox},
};

/// A component with an empty linker, from which instances are created.
pub(crate) struct PreparedPlugin {
    sandbox: Sandbox,
    exports: PreparedExports,
    limits: Limits,
    /// Bytes of an instance beyond its memories and tables, its stack included.
    overhead: usize,
    /// The memory account of all its instances.
    account: Arc<Account>,
}

#[derive(Clone)]
enum PreparedExports {
    V2(v2::CloudProviderPre<Meter>),
    V1(v1::CloudProviderPre<Meter>),
}

impl PreparedPlugin {
    pub(crate) fn new(
        sandbox: Sandbox,
        component: &Component,
        overhead: usize,
        limits: Limits,
    ) -> Result<Self, LoadError> {
        let overhead = overhead.saturating_add(STACK);
        // The budget never gives an instance more than this, whatever the limit says.
        let max_memory = sandbox.memory().max_per_account().saturating_sub(overhead);
        let limits = Limits { memory: limits.memory.min(max_memory >> 20 << 20), ..limits };
        let account = Account::open(Arc::clone(sandbox.memory()));
        // The compiled form may come from the cache, so the check before compiling is repeated.
        let version = inspect_compiled(&sandbox, component).acceptable()?;
        let differs = |error: wasmtime::Error| LoadError::Differs(root_cause(&error));
        let unlinked = Linker::new(sandbox.engine()).instantiate_pre(component).map_err(differs)?;
        let exports = match version {
            Version::V2 => v2::CloudProviderPre::new(unlinked).map(PreparedExports::V2),
            Version::V1 => v1::CloudProviderPre::new(unlinked).map(PreparedExports::V1),
        };
        Ok(Self { sandbox, exports: exports.map_err(differs)?, limits, overhead, account })
    }

    /// Creates an instance and runs its start function.
    pub(crate) async fn instantiate(&self) -> Result<Instance, CallError> {
        let meter = Meter::new(self.limits, self.overhead, Arc::clone(&self.account)).await;
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
        let failed = |error| call_error(&error, self.limits, &CallSite::start_function());
        let (store, exports) = instantiated.await.map_err(failed)?;
        Ok(Instance::new(self.sandbox.clone(), store, exports))
    }

    /// Whether the plug-in exports interface 1, which has no declared sign-in.
    pub(crate) fn is_v1(&self) -> bool {
        matches!(self.exports, PreparedExports::V1(_))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }
}

fn inspect_compiled(sandbox: &Sandbox, component: &Component) -> Inspection {
    let engine = sandbox.engine();
    let component_type = component.component_type();
    let imports = component_type.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let mut inspection = Inspection { imports, ..Inspection::default() };
    component_type.exports(engine).for_each(|(name, _)| inspection.add_export(name));
    inspection
}
