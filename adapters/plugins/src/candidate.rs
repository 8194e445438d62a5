//! A plug-in that an operator may grant: loaded from a file to ask it what it wants, never offered.

use std::{io, path::Path};

use portico_domain::{identity::ProviderId, provider::Descriptor};
use portico_wasm::{LoadError, Plugin};
use thiserror::Error;

use crate::{
    folder::{PluginFile, file_of, place},
    loader::Loader,
    lock::{Consent, Granted, LimitsEntry, Lock, LockError},
    registration::{BUILT_IN, RefusedByProvider, refused_by_provider},
    settings::{SettingsFaults, SettingsSource},
};

/// Why a plug-in cannot be granted or removed.
#[derive(Debug, Error)]
pub enum CandidateError {
    /// A file cannot be read, written or removed.
    #[error("{path} cannot be {done}")]
    File {
        /// Which.
        path: String,
        /// `read`, `written` or `removed`.
        done: &'static str,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// What is in the file cannot be used.
    #[error("{path} cannot be used")]
    Load {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        error: LoadError,
    },
    /// The lock of the folder cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A plug-in of interface 1 lacks settings.
    #[error("it speaks interface 1, which says how people sign in only once it is configured. {0}")]
    NotConfigured(SettingsFaults),
    /// A plug-in of interface 1 does not say how people sign in.
    #[error("it speaks interface 1, and how people sign in with it cannot be said")]
    Undeclared(#[source] RefusedByProvider),
}

fn failed(path: &Path, done: &'static str) -> impl FnOnce(io::Error) -> CandidateError {
    let path = path.display().to_string();
    move |error| CandidateError::File { path, done, error }
}

/// A plug-in that an operator may grant.
pub struct Candidate {
    file: PluginFile,
    plugin: Plugin,
    descriptor: Descriptor,
    limits: LimitsEntry,
}

/// What the folder has of a candidate already.
pub struct Before {
    /// What was granted.
    pub granted: Granted,
    /// What was agreed to; `None` where the file has gone or was changed, or where the entry in the
    /// lock is no consent or cannot be read.
    pub descriptor: Option<Descriptor>,
}

impl Candidate {
    /// Loads the plug-in in this file and asks it what it is. One of interface 1 says how people
    /// sign in only once it has its settings, so they must be there by then.
    pub async fn read(
        loader: &Loader,
        path: &Path,
        limits: LimitsEntry,
        sources: &dyn SettingsSource,
    ) -> Result<Self, CandidateError> {
        let file = PluginFile::read(path).map_err(failed(path, "read"))?;
        let plugin = loader.load(&file, limits).await;
        let unusable = |error| CandidateError::Load { path: path.display().to_string(), error };
        let plugin = plugin.map_err(unusable)?;
        let descriptor = declared(&plugin, sources).await?;
        Ok(Self { file, plugin, descriptor, limits })
    }

    /// What it says it is, and asks for.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// What was loaded.
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Whether it would take the place of a provider that is built in.
    pub fn replaces_built_in(&self) -> bool {
        BUILT_IN.contains(&self.descriptor.id.as_str())
    }

    /// What the folder has of it already.
    pub async fn before(
        &self,
        loader: &Loader,
        folder: &Path,
    ) -> Result<Option<Before>, CandidateError> {
        let lock = Lock::read(folder)?;
        let Some(granted) = lock.find(&self.descriptor.id).cloned() else { return Ok(None) };
        // To grant it again is how an entry is mended that cannot be read.
        let consent = granted.consent().ok().flatten();
        let known = PluginFile::read(&file_of(folder, &self.descriptor.id)).ok();
        let known = known.filter(|file| file.digest().to_string() == granted.digest);
        let descriptor = match known.zip(consent) {
            Some((file, consent)) => {
                let limits = granted.limits.unwrap_or_default();
                let plugin = loader.load(&file, limits).await.ok();
                plugin.map(|plugin| consent.hold(plugin.descriptor().clone()))
            }
            None => None,
        };
        Ok(Some(Before { granted, descriptor }))
    }

    /// What would be granted to it.
    pub fn requested(&self) -> Granted {
        let limits = Some(self.limits).filter(|limits| *limits != LimitsEntry::default());
        let digest = self.file.digest().to_string();
        Granted::everything(&self.descriptor, digest, limits, self.replaces_built_in())
    }

    /// Whether its file lies in the folder as it is here.
    pub fn lies_in(&self, folder: &Path) -> bool {
        let there = PluginFile::read(&file_of(folder, &self.descriptor.id));
        there.is_ok_and(|there| there.digest() == self.file.digest())
    }

    /// Puts its file back where everything that it asks for is granted already.
    pub fn put_back(&self, folder: &Path) -> Result<(), CandidateError> {
        let file = file_of(folder, &self.descriptor.id);
        place(&file, self.file.bytes()).map_err(failed(&file, "written"))
    }

    /// Consent to everything that it asks for.
    pub fn everything(&self) -> Consent {
        Consent {
            sign_in: self.descriptor.sign_in.clone(),
            people: self.descriptor.people.clone(),
            permissions: self.descriptor.permissions.clone(),
        }
    }

    /// Puts it into the folder with everything it asks for. A Portico that follows the folder
    /// offers it from then on.
    pub fn grant(&self, folder: &Path) -> Result<(), CandidateError> {
        let mut lock = Lock::read(folder)?;
        lock.grant(self.requested());
        // The file first: where the lock then cannot be written, the version before is what the
        // lock still names, and it goes on serving.
        self.put_back(folder)?;
        Ok(lock.write(folder)?)
    }
}

/// What there was of a plug-in that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its file.
    pub file: bool,
    /// What was granted to it.
    pub grant: bool,
}

/// What a folder has of the plug-in of this id.
pub fn known(folder: &Path, id: &ProviderId) -> Result<Removed, CandidateError> {
    let grant = Lock::read(folder)?.find(id).is_some();
    // A link that leads nowhere is there too.
    let file = file_of(folder, id).symlink_metadata().is_ok();
    Ok(Removed { file, grant })
}

/// Takes back what was granted to the plug-in of this id, and then removes its file: in between it is
/// a file without a grant, which is not loaded.
pub fn remove(folder: &Path, id: &ProviderId) -> Result<Removed, CandidateError> {
    let there = known(folder, id)?;
    let mut lock = Lock::read(folder)?;
    if lock.revoke(id) {
        lock.write(folder)?;
    }
    if there.file {
        let file = file_of(folder, id);
        std::fs::remove_file(&file).map_err(failed(&file, "removed"))?;
    }
    Ok(there)
}

async fn declared(
    plugin: &Plugin,
    sources: &dyn SettingsSource,
) -> Result<Descriptor, CandidateError> {
    if !plugin.is_v1() {
        return Ok(plugin.descriptor().clone());
    }
    let settings = sources.settings(plugin.descriptor()).map_err(CandidateError::NotConfigured)?;
    let declared = plugin.declare(settings).await;
    let refused = |error| refused_by_provider(error, plugin.descriptor());
    declared.map_err(refused).map_err(CandidateError::Undeclared)
}
