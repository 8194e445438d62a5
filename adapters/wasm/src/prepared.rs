//! A component made ready: everything that needs to be done once is done.

use portico_domain::provider::Problem;
use wasmtime::{
    Store,
    component::{Component, Linker},
};

use crate::{
    bindings::{v0, v1},
    error::LoadError,
    fault,
    inspect::{Inspection, Version, root},
    instance::{Exports, Instance},
    limits::Limits,
    meter::Meter,
    sandbox::Sandbox,
};

/// A component, linked to nothing, of which any number of instances can be made.
pub(crate) struct Prepared {
    sandbox: Sandbox,
    exports: PreparedExports,
    limits: Limits,
}

enum PreparedExports {
    V1(v1::CloudProviderPre<Meter>),
    V0(v0::CloudProviderPre<Meter>),
}

impl Prepared {
    pub(crate) fn new(
        sandbox: Sandbox,
        component: &Component,
        limits: Limits,
    ) -> Result<Self, LoadError> {
        // What was inspected before it was compiled is looked at once more: the compiled form may
        // be as old as the cache.
        let version = inspect_compiled(&sandbox, component).acceptable()?;
        let differs = |error: wasmtime::Error| LoadError::Differs(root(&error));
        let unlinked = Linker::new(sandbox.engine()).instantiate_pre(component).map_err(differs)?;
        let exports = match version {
            Version::V1 => v1::CloudProviderPre::new(unlinked).map(PreparedExports::V1),
            Version::V0 => v0::CloudProviderPre::new(unlinked).map(PreparedExports::V0),
        };
        Ok(Self { sandbox, exports: exports.map_err(differs)?, limits })
    }

    /// A fresh instance, its start function run; where that fails the guest is at fault.
    pub(crate) async fn start(&self) -> Result<Instance, Problem> {
        self.instantiate().await.map_err(|error| fault::of_guest(&error, self.limits))
    }

    async fn instantiate(&self) -> wasmtime::Result<Instance> {
        let mut store = Store::new(self.sandbox.engine(), Meter::new(self.limits));
        Meter::install(&mut store);
        Meter::begin_call(&mut store);
        let running = self.sandbox.begin();
        let exports = match &self.exports {
            PreparedExports::V1(it) => Exports::V1(it.instantiate_async(&mut store).await?),
            PreparedExports::V0(it) => Exports::V0(it.instantiate_async(&mut store).await?),
        };
        drop(running);
        Ok(Instance::new(self.sandbox.clone(), store, exports))
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
