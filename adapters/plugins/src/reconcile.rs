//! One file of the folder, taken as it is now: from its bytes to a registration that serves.

use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
};

use portico_domain::{
    identity::ProviderId,
    provider::{CallError, Descriptor, Registration},
    text::sentence,
};
use portico_wasm::{LoadError, Plugin};
use tokio::task::block_in_place;

use crate::{
    errors::{causes, chain},
    folder::{LOCK_FILE, PluginFile, file_of},
    loader::Loader,
    lock::{Consent, Granted},
    registration::{BUILT_IN, RegisterError, Registrar, refused_by_provider},
    settings::{ProviderConfig, SettingsSource},
    stamp::Stamp,
};

/// Takes files of a folder.
pub(crate) struct PluginReconciler {
    pub(crate) folder: PathBuf,
    pub(crate) sources: Box<dyn SettingsSource>,
    pub(crate) loader: Loader,
    pub(crate) registrar: Registrar,
}

/// Why a plug-in cannot be taken.
#[derive(Clone)]
pub(crate) struct Refusal {
    /// In a sentence.
    pub(crate) why: String,
    /// Whether it may be gone at the next look, without anything that changed.
    pub(crate) passing: bool,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { why, passing: false }
    }
}

impl Refusal {
    /// Memory that others hold now may be free at the next look.
    fn because(error: &(dyn Error + 'static)) -> Self {
        let is_passing = |cause: &(dyn Error + 'static)| {
            matches!(cause.downcast_ref(), Some(CallError::Overloaded))
                || matches!(cause.downcast_ref(), Some(LoadError::Describe(CallError::Overloaded)))
                || matches!(
                    cause.downcast_ref(),
                    Some(RegisterError::Refused(refused))
                        if refused.error == CallError::Overloaded
                )
        };
        Self { why: sentence(&chain(error)), passing: causes(error).any(is_passing) }
    }
}

/// Somebody has written into the lock what no plug-in may declare, or what cannot be read.
fn not_well_formed(why: &str, path: &Path) -> String {
    format!(
        "its entry in {LOCK_FILE} is not well-formed ({why}): grant it again with `portico provider \
         add {}`.",
        path.display()
    )
}

/// The rule alone: it was not the plug-in that broke it.
fn rule(problem: CallError) -> String {
    match problem {
        CallError::Broken(rule) => rule,
        other => other.to_string(),
    }
}

/// A plug-in that is offered, and what it was made from.
pub(crate) struct Loaded {
    stamp: Stamp,
    pub(crate) granted: Granted,
    config: ProviderConfig,
    pub(crate) registration: Arc<Registration>,
}

impl PluginReconciler {
    /// The plug-in as its file, its grant and its settings are now: `serving` where nothing of them
    /// has changed since. Says in a sentence why it cannot be taken.
    pub(crate) async fn take(
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
        let consent = self.consent(id, granted, &path)?;
        let plugin = self.loader.load(&file, granted.limits.unwrap_or_default()).await;
        let plugin = plugin.map_err(|error| Refusal::because(&error))?;
        if plugin.descriptor().id != *id {
            let named = &plugin.descriptor().id;
            return Err(format!("it calls itself {named}, and its file does not.").into());
        }
        for why in self.sources.misspelled(plugin.descriptor()) {
            tracing::warn!(why, "a setting may not do what is meant by it");
        }
        let agreed = consent.hold(plugin.descriptor().clone());
        plugin.check(&agreed).map_err(|problem| not_well_formed(&rule(problem), &path))?;
        let config = self.config(&agreed)?;
        self.still_declares(&plugin, &consent, &config, &path).await?;
        let digest = &granted.digest;
        let registration = self.registrar.register(&plugin, digest, &consent, config.clone()).await;
        let registration = Arc::new(registration.map_err(|error| Refusal::because(&error))?);
        let version = &granted.version;
        tracing::info!(provider = id.as_str(), version, digest = granted.digest, "plug-in loaded");
        Ok(Arc::new(Loaded { stamp, granted: granted.clone(), config, registration }))
    }

    /// What the operator agreed to. An entry of the first format is none, and neither is one for a
    /// provider that is built in, but where it says that it takes that one's place.
    fn consent(&self, id: &ProviderId, granted: &Granted, path: &Path) -> Result<Consent, String> {
        let again = |why: &str| {
            format!("{why}: run `portico provider add {}` to see what it asks for.", path.display())
        };
        if BUILT_IN.contains(&id.as_str()) && !granted.replaces_built_in {
            return Err(again(&format!(
                "{id} is built in, and nobody agreed that a plug-in takes its place and its client \
                 secret"
            )));
        }
        let consent = granted.consent().map_err(|why| not_well_formed(&why, path))?;
        consent.ok_or_else(|| {
            again(
                "it was granted by an earlier version of Portico, which did not show how people \
                 sign in and where the client secret is sent; it is to be granted again",
            )
        })
    }

    /// A plug-in of interface 1 makes addresses of its settings by itself: where these have changed
    /// since it was granted, nobody has agreed to what it says now.
    async fn still_declares(
        &self,
        plugin: &Plugin,
        consent: &Consent,
        config: &ProviderConfig,
        path: &Path,
    ) -> Result<(), String> {
        if !plugin.is_v1() {
            return Ok(());
        }
        let declared = plugin.declare(config.settings.clone()).await;
        let declared = declared
            .map_err(|error| refused_by_provider(error, plugin.descriptor()).to_string())
            .map_err(|error| sentence(&error))?;
        if declared.sign_in == consent.sign_in {
            return Ok(());
        }
        Err(format!(
            "with its settings as they are now people would sign in in another way than was \
             granted: run `portico provider add {}` to see how.",
            path.display()
        ))
    }

    fn config(&self, descriptor: &Descriptor) -> Result<ProviderConfig, String> {
        let read = self.sources.read(descriptor);
        read.map_err(|faults| format!("it is not configured. {faults}"))
    }
}
