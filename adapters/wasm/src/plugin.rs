//! A plug-in that has said who it is, before it is configured.

use std::sync::Arc;

use portico_domain::provider::{Descriptor, Problem, Settings};

use crate::{
    compiled::Compiled, convert, error::LoadError, limits::Limits, prepared::Prepared,
    provider::WasmProvider, sandbox::Sandbox,
};

/// A plug-in, loaded. Clones share its machine code.
#[derive(Clone)]
pub struct Plugin {
    prepared: Arc<Prepared>,
    descriptor: Descriptor,
}

impl Plugin {
    /// Makes the plug-in ready and asks it who it is: twice, since a pure function says the same.
    pub async fn load(
        sandbox: &Sandbox,
        compiled: &Compiled,
        limits: Limits,
    ) -> Result<Self, LoadError> {
        let component = compiled.open(sandbox.engine())?;
        let prepared = Prepared::new(sandbox.clone(), &component, compiled.beside(), limits)?;
        let descriptor = describe(&prepared).await.map_err(LoadError::Describe)?;
        Ok(Self { prepared: Arc::new(prepared), descriptor })
    }

    /// Who the plug-in is; the `{setting}`s of its grants are not filled.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// What an instance of it may use.
    pub fn limits(&self) -> Limits {
        self.prepared.limits()
    }

    /// The provider with the operator's settings, their defaults filled in. Refuses settings that
    /// the plug-in refuses.
    pub async fn configure(&self, settings: Settings) -> Result<WasmProvider, Problem> {
        let settings = settings.complete(&self.descriptor.settings)?;
        let descriptor = self.descriptor.clone().with_settings(&settings);
        let provider = WasmProvider::new(Arc::clone(&self.prepared), descriptor, &settings);
        provider.create(None).await?;
        Ok(provider)
    }
}

/// Asks one instance twice: fresh ones cannot differ, and one that counts its calls gives itself
/// away.
async fn describe(prepared: &Prepared) -> Result<Descriptor, Problem> {
    let mut instance = prepared.start().await?;
    let descriptor = convert::descriptor(instance.describe().await?)?;
    if convert::descriptor(instance.describe().await?)? != descriptor {
        let why = "it describes itself in another way each time it is asked";
        return Err(Problem::Broken(why.into()));
    }
    Ok(descriptor)
}
