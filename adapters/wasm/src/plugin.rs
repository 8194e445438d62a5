//! A plug-in that has said who it is, before it is configured.

use std::sync::Arc;

use portico_domain::provider::{CallError, Descriptor, Settings};

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

    /// Who the plug-in is; the `{setting}`s of its grants are not filled. Nobody can sign in by what
    /// a plug-in of interface 1 says here: see [`Plugin::declare`].
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// What an instance of it may use.
    pub fn limits(&self) -> Limits {
        self.prepared.limits()
    }

    /// Whether it speaks interface 1, which says how people sign in only once it has its settings.
    pub fn is_v1(&self) -> bool {
        self.prepared.is_v1()
    }

    /// Holds this descriptor, in which what an operator agreed to stands in place of what the plug-in
    /// declares, against the rules of a declaration: [`ProviderError::Broken`] names the one it breaks.
    pub fn check(&self, agreed: &Descriptor) -> Result<(), CallError> {
        convert::agreed(agreed, self.is_v1())
    }

    /// Who the plug-in is and how people sign in with it. One of interface 1 is asked, with these
    /// settings; one of interface 2 has declared it.
    pub async fn declare(&self, settings: Settings) -> Result<Descriptor, CallError> {
        let mut descriptor = self.descriptor.clone();
        if self.is_v1()
            && let Some(sign_in) = self.configure(settings.clone()).await?.declare_v1().await?
        {
            descriptor.sign_in = sign_in;
            convert::whole::check(&descriptor, settings)?;
        }
        Ok(descriptor)
    }

    /// The provider with the operator's settings, their defaults filled in. Refuses settings that
    /// the plug-in refuses.
    pub async fn configure(&self, settings: Settings) -> Result<WasmProvider, CallError> {
        let settings = settings.complete(&self.descriptor.settings)?;
        let descriptor = self.descriptor.clone().with_settings(&settings);
        let provider = WasmProvider::new(Arc::clone(&self.prepared), descriptor, &settings);
        provider.create(None).await?;
        Ok(provider)
    }
}

/// Asks one instance twice: fresh ones cannot differ, and one that counts its calls gives itself
/// away.
async fn describe(prepared: &Prepared) -> Result<Descriptor, CallError> {
    let mut instance = prepared.start().await?;
    let is_v1 = prepared.is_v1();
    let descriptor = convert::descriptor(instance.describe().await?, is_v1)?;
    if convert::descriptor(instance.describe().await?, is_v1)? != descriptor {
        let why = "it describes itself in another way each time it is asked";
        return Err(CallError::Broken(why.into()));
    }
    Ok(descriptor)
}
