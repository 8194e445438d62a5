//! A plug-in that an operator may grant: loaded from a file to read its descriptor, never offered.

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
        /// The file.
        path: String,
        /// `read`, `written` or `removed`.
        done: &'static str,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The file is no usable plug-in.
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
    /// A plug-in of interface 1 returns no valid sign-in.
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

/// The grant that a folder already has for a candidate.
pub struct Before {
    /// The entry of the lock.
    pub granted: Granted,
    /// The agreed descriptor; `None` if the file is missing or changed, or the entry is no consent or
    /// invalid.
    pub descriptor: Option<Descriptor>,
}

impl Candidate {
    /// Loads the plug-in of this file and reads its descriptor. One of interface 1 must be configured,
    /// since its sign-in depends on its settings.
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

    /// Its descriptor, including the sign-in of interface 1.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The loaded plug-in.
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Whether it would replace a built-in provider.
    pub fn replaces_built_in(&self) -> bool {
        BUILT_IN.contains(&self.descriptor.id.as_str())
    }

    /// The grant that the folder already has for it.
    pub async fn before(
        &self,
        loader: &Loader,
        folder: &Path,
    ) -> Result<Option<Before>, CandidateError> {
        let lock = Lock::read(folder)?;
        let Some(granted) = lock.find(&self.descriptor.id).cloned() else { return Ok(None) };
        // An invalid entry is no error here: granting again repairs it.
        let consent = granted.consent().ok().flatten();
        let file = PluginFile::read(&file_of(folder, &self.descriptor.id)).ok();
        let file = file.filter(|file| file.digest().to_string() == granted.digest);
        let descriptor = match file.zip(consent) {
            Some((file, consent)) => {
                let limits = granted.limits.unwrap_or_default();
                let plugin = loader.load(&file, limits).await.ok();
                plugin.map(|plugin| consent.apply_to(plugin.descriptor().clone()))
            }
            None => None,
        };
        Ok(Some(Before { granted, descriptor }))
    }

    /// The lock entry for all that it requests.
    pub fn requested(&self) -> Granted {
        let limits = Some(self.limits).filter(|limits| *limits != LimitsEntry::default());
        let digest = self.file.digest().to_string();
        Granted::everything(&self.descriptor, digest, limits, self.replaces_built_in())
    }

    /// Whether the folder contains its file, unchanged.
    pub fn has_file_in(&self, folder: &Path) -> bool {
        let file = PluginFile::read(&file_of(folder, &self.descriptor.id));
        file.is_ok_and(|file| file.digest() == self.file.digest())
    }

    /// Writes its file into the folder, without changing the lock.
    pub fn write_file(&self, folder: &Path) -> Result<(), CandidateError> {
        let file = file_of(folder, &self.descriptor.id);
        place(&file, self.file.bytes()).map_err(failed(&file, "written"))
    }

    /// Consent to all that it requests.
    pub fn everything(&self) -> Consent {
        Consent {
            sign_in: self.descriptor.sign_in.clone(),
            people: self.descriptor.people.clone(),
            permissions: self.descriptor.permissions.clone(),
            capabilities: self.descriptor.capabilities.clone(),
        }
    }

    /// Writes it into the folder and grants all that it requests. A server that follows the folder then
    /// offers it.
    pub fn grant(&self, folder: &Path) -> Result<(), CandidateError> {
        let mut lock = Lock::read(folder)?;
        lock.grant(self.requested());
        // The file first: if writing the lock fails, it still names the previous version, which the
        // server continues to offer.
        self.write_file(folder)?;
        Ok(lock.write(folder)?)
    }
}

/// The parts that a folder has of a plug-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Whether its file exists.
    pub file: bool,
    /// Whether it has a grant.
    pub grant: bool,
}

/// The parts that a folder has of the plug-in of this id.
pub fn known(folder: &Path, id: &ProviderId) -> Result<Removed, CandidateError> {
    let grant = Lock::read(folder)?.find(id).is_some();
    // A dangling symbolic link exists too.
    let file = file_of(folder, id).symlink_metadata().is_ok();
    Ok(Removed { file, grant })
}

/// Revokes the grant of the plug-in of this id, then removes its file. A file without a grant is not
/// loaded, so the order is safe.
pub fn remove(folder: &Path, id: &ProviderId) -> Result<Removed, CandidateError> {
    let parts = known(folder, id)?;
    let mut lock = Lock::read(folder)?;
    if lock.revoke(id) {
        lock.write(folder)?;
    }
    if parts.file {
        let file = file_of(folder, id);
        std::fs::remove_file(&file).map_err(failed(&file, "removed"))?;
    }
    Ok(parts)
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
