//! A loaded plug-in: its descriptor is known, it is not configured yet.

use std::sync::Arc;

use portico_domain::provider::{CallError, Descriptor, Settings};

use crate::{
    compiled::Compiled, convert, error::LoadError, limits::Limits, prepared::PreparedPlugin,
    provider::WasmProvider, sandbox::Sandbox,
};

/// A loaded plug-in. Clones share its machine code.
#[derive(Clone)]
pub struct Plugin {
    prepared: Arc<PreparedPlugin>,
    descriptor: Descriptor,
}

impl Plugin {
    /// Links the component and calls its `describe` twice: both descriptors must be equal.
    pub async fn load(
        sandbox: &Sandbox,
        compiled: &Compiled,
        limits: Limits,
    ) -> Result<Self, LoadError> {
        let component = compiled.deserialize(sandbox.engine())?;
        let overhead = compiled.instance_overhead();
        let prepared = PreparedPlugin::new(sandbox.clone(), &component, overhead, limits)?;
        let descriptor = describe(&prepared).await.map_err(LoadError::Describe)?;
        Ok(Self { prepared: Arc::new(prepared), descriptor })
    }

    /// The plug-in's descriptor, with unfilled `{setting}` placeholders in its permissions. With a
    /// plug-in of interface 1 nobody can sign in by it: see [`Plugin::declare`].
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The limits of each instance.
    pub fn limits(&self) -> Limits {
        self.prepared.limits()
    }

    /// Whether it exports interface 1, whose sign-in is known only with its settings.
    pub fn is_v1(&self) -> bool {
        self.prepared.is_v1()
    }

    /// Validates a descriptor in which what an operator agreed to replaces what the plug-in declares.
    /// [`CallError::Broken`] names the rule that it breaks.
    pub fn check(&self, agreed: &Descriptor) -> Result<(), CallError> {
        convert::check_agreed(agreed, self.is_v1())
    }

    /// The descriptor including the sign-in. A plug-in of interface 1 is called for it with these
    /// settings; one of interface 2 has declared it.
    pub async fn declare(&self, settings: Settings) -> Result<Descriptor, CallError> {
        let mut descriptor = self.descriptor.clone();
        if self.is_v1()
            && let Some(sign_in) = self.configure(settings.clone()).await?.declare_v1().await?
        {
            descriptor.sign_in = sign_in;
            convert::consistency::check(&descriptor, settings)?;
        }
        Ok(descriptor)
    }

    /// The provider with the operator's settings and the defaults of missing ones. An error if the
    /// plug-in refuses the settings.
    pub async fn configure(&self, settings: Settings) -> Result<WasmProvider, CallError> {
        let settings = settings.complete(&self.descriptor.settings)?;
        let descriptor = self.descriptor.clone().with_settings(&settings);
        let provider = WasmProvider::new(Arc::clone(&self.prepared), descriptor, &settings);
        provider.create(None).await?;
        Ok(provider)
    }
}

/// Calls `describe` twice in one instance, which detects descriptors that vary between calls. Two new
/// instances would return the same descriptor even then, since an instance has no input.
async fn describe(prepared: &PreparedPlugin) -> Result<Descriptor, CallError> {
    let mut instance = prepared.instantiate().await?;
    let is_v1 = prepared.is_v1();
    let descriptor = convert::descriptor(instance.describe().await?, is_v1)?;
    if convert::descriptor(instance.describe().await?, is_v1)? != descriptor {
        let why = "it describes itself in another way each time it is asked";
        return Err(CallError::Broken(why.into()));
    }
    Ok(descriptor)
}
