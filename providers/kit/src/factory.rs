//! Where configured providers come from: the kit makes many, one for each set of settings.

use std::sync::Arc;

use async_trait::async_trait;
use portico_domain::{
    ports::CloudProvider,
    provider::{CallError, Descriptor, Linked, Provider, Settings},
};

/// Makes fresh instances of one provider.
#[async_trait]
pub trait Factory: Send + Sync {
    /// Who the provider is, before it is configured: its templates unfilled.
    fn descriptor(&self) -> &Descriptor;

    /// A new instance with the operator's settings, or why the provider refuses them.
    async fn configure(&self, settings: &Settings) -> Result<Arc<dyn CloudProvider>, CallError>;
}

struct FromFn<F> {
    descriptor: Descriptor,
    configure: F,
}

/// A factory of a function, for providers that are configured without waiting.
pub fn from_fn<F>(descriptor: Descriptor, configure: F) -> impl Factory
where
    F: Fn(&Settings) -> Result<Arc<dyn CloudProvider>, CallError> + Send + Sync,
{
    FromFn { descriptor, configure }
}

/// A factory of a provider that is linked in.
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
