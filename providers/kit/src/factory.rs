//! Makes configured providers: the kit needs one for each set of settings.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    ports::CloudProvider,
    provider::{CallError, Descriptor, Linked, Provider, Settings},
};

/// Makes new instances of one provider.
#[async_trait]
pub trait Factory: Send + Sync {
    /// The descriptor before configuration, with unfilled templates.
    fn descriptor(&self) -> &Descriptor;

    /// A new instance with these settings.
    ///
    /// # Errors
    /// The provider refuses the settings, or it broke a rule.
    async fn configure(&self, settings: &Settings) -> Result<Arc<dyn CloudProvider>, CallError>;
}

struct FromFn<F> {
    descriptor: Descriptor,
    configure: F,
}

/// A factory from a synchronous function.
pub fn from_fn<F>(descriptor: Descriptor, configure: F) -> impl Factory
where
    F: Fn(&Settings) -> Result<Arc<dyn CloudProvider>, CallError> + Send + Sync,
{
    FromFn { descriptor, configure }
}

/// A factory of a linked provider.
pub fn linked<P: Provider>() -> impl Factory {
    from_fn(P::describe(), |settings: &Settings| {
        Ok(Arc::new(Linked::<P>::new(settings.clone())?) as Arc<dyn CloudProvider>)
    })
}

#[async_trait]
impl<F> Factory for FromFn<F>
where
    F: Fn(&Settings) -> Result<Arc<dyn CloudProvider>, CallError> + Send + Sync,
{
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn configure(&self, settings: &Settings) -> Result<Arc<dyn CloudProvider>, CallError> {
        (self.configure)(settings)
    }
}
