//! One file of the folder, taken as it is now: from its bytes to a registration that serves.

use std::{error::Error, path::PathBuf, sync::Arc};

use portico_domain::{
    identity::ProviderId,
    provider::{Descriptor, Problem, Registration},
};
use portico_wasm::LoadError;
use tokio::task::block_in_place;

use super::{
    Context, Granted, Loader,
    folder::{PluginFile, Stamp, file_of},
};
use crate::config::{ProviderConfig, ProviderSources};

/// Takes files of a folder.
pub(super) struct Taking {
    pub(super) folder: PathBuf,
    pub(super) sources: ProviderSources,
    pub(super) loader: Loader,
    pub(super) context: Context,
}

/// Why a plug-in cannot be taken.
pub(super) struct Refusal {
    /// In a sentence.
    pub(super) why: String,
    /// Whether it may be gone at the next look, without anything that changed.
    pub(super) passing: bool,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { why, passing: false }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        let is_passing = |cause: &(dyn Error + 'static)| {
            matches!(cause.downcast_ref(), Some(Problem::Overloaded))
                || matches!(cause.downcast_ref(), Some(LoadError::Describe(Problem::Overloaded)))
        };
        Self { why: format!("{error:#}."), passing: error.chain().any(is_passing) }
    }
}

/// A plug-in that is offered, and what it was made from.
pub(super) struct Loaded {
    stamp: Stamp,
    pub(super) granted: Granted,
    config: ProviderConfig,
    pub(super) registration: Arc<Registration>,
}

impl Taking {
    /// The plug-in as its file, its grant and its settings are now: `serving` where nothing of them
    /// has changed since. Says in a sentence why it cannot be taken.
    pub(super) async fn take(
        &self,
        id: &ProviderId,
        granted: &Granted,
        serving: Option<Arc<Loaded>>,
    ) -> Result<Arc<Loaded>, Refusal> {
        let path = file_of(&self.folder, id);
        let unreadable = |error| format!("its file {} cannot be read ({error}).", path.display());
        let stamp = Stamp::of(&path).map_err(unreadable)?;
        if let Some(serving) = serving.filter(|it| it.stamp == stamp && it.granted == *granted)
            && serving.config == self.config(serving.registration.cloud.descriptor())?
        {
            return Ok(serving);
        }
        // Tens of megabytes are read and hashed: not at the cost of who else is served.
        let file = block_in_place(|| PluginFile::read(&path)).map_err(unreadable)?;
        if file.digest().to_string() != granted.digest {
            let why = format!(
                "its file has changed since it was granted: run `portico provider add {}` to see \
                 what it asks for now.",
                path.display()
            );
            return Err(why.into());
        }
        let plugin = self.loader.load(&file, granted.limits.unwrap_or_default()).await?;
        if plugin.descriptor().id != *id {
            let named = &plugin.descriptor().id;
            return Err(format!("it calls itself {named}, and its file does not.").into());
        }
        let config = self.config(plugin.descriptor())?;
        let registration = self.context.register(&plugin, granted, config.clone()).await;
        let registration = Arc::new(registration?);
        let version = &granted.version;
        tracing::info!(provider = id.as_str(), version, digest = granted.digest, "plug-in loaded");
        Ok(Arc::new(Loaded { stamp, granted: granted.clone(), config, registration }))
    }

    fn config(&self, descriptor: &Descriptor) -> Result<ProviderConfig, String> {
        let by_default = self.context.allowed_by_default(&descriptor.id);
        let read = self.sources.read(descriptor, by_default);
        read.map_err(|faults| format!("it is not configured. {}", faults.sentences()))
    }
}
