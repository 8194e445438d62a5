//! Brings one plug-in in line with its file, its grant and its settings: from bytes to a registration.

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

/// Reconciles the plug-ins of a folder.
pub(crate) struct PluginReconciler {
    pub(crate) folder: PathBuf,
    pub(crate) sources: Box<dyn SettingsSource>,
    pub(crate) loader: Loader,
    pub(crate) registrar: Registrar,
}

/// Why a plug-in cannot be offered.
#[derive(Clone)]
pub(crate) struct Refusal {
    /// A sentence.
    pub(crate) why: String,
    /// Whether the next attempt may succeed without a change.
    pub(crate) is_transient: bool,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { why, is_transient: false }
    }
}

impl Refusal {
    /// The refusal for an error. Lack of memory is transient.
    fn because(error: &(dyn Error + 'static)) -> Self {
        let is_transient = |cause: &(dyn Error + 'static)| {
            matches!(cause.downcast_ref(), Some(CallError::Overloaded))
                || matches!(cause.downcast_ref(), Some(LoadError::Describe(CallError::Overloaded)))
                || matches!(
                    cause.downcast_ref(),
                    Some(RegisterError::Refused(refused))
                        if refused.error == CallError::Overloaded
                )
        };
        Self { why: sentence(&chain(error)), is_transient: causes(error).any(is_transient) }
    }
}

/// The refusal of a lock entry that is invalid, or that contains what no plug-in may declare.
fn not_well_formed(why: &str, path: &Path) -> String {
    format!(
        "its entry in {LOCK_FILE} is not well-formed ({why}): grant it again with `portico provider \
         add {}`.",
        path.display()
    )
}

/// The text of the broken rule, without naming the plug-in as the cause: the lock entry broke it.
fn rule(error: CallError) -> String {
    match error {
        CallError::Broken(rule) => rule,
        other => other.to_string(),
    }
}

/// An offered plug-in, and what it was loaded from.
pub(crate) struct Loaded {
    stamp: Stamp,
    pub(crate) granted: Granted,
    config: ProviderConfig,
    pub(crate) registration: Arc<Registration>,
}

impl PluginReconciler {
    /// The plug-in for its current file, grant and settings; `serving` if none of them has changed.
    pub(crate) async fn reconcile(
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
        // Reads and hashes tens of megabytes; `block_in_place` keeps the runtime responsive.
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
        let agreed = consent.apply_to(plugin.descriptor().clone());
        plugin.check(&agreed).map_err(|error| not_well_formed(&rule(error), &path))?;
        let config = self.config(&agreed)?;
        self.check_v1_sign_in(&plugin, &consent, &config, &path).await?;
        let digest = &granted.digest;
        let registration = self.registrar.register(&plugin, digest, &consent, config.clone()).await;
        let registration = Arc::new(registration.map_err(|error| Refusal::because(&error))?);
        let version = &granted.version;
        tracing::info!(provider = id.as_str(), version, digest = granted.digest, "plug-in loaded");
        Ok(Arc::new(Loaded { stamp, granted: granted.clone(), config, registration }))
    }

    /// The operator's consent. An entry of the first format is no consent, nor is one with the id of a
    /// built-in provider unless it allows replacing it.
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

    /// An error if the sign-in of an interface 1 plug-in differs from the consent: it builds URLs from its
    /// settings by itself, and they may have changed since the grant.
    async fn check_v1_sign_in(
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
