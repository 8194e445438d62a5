//! A plug-in that an operator may grant: loaded from a file to ask it what it wants, never offered.

use std::path::Path;

use anyhow::Context;
use portico_domain::provider::Descriptor;
use portico_wasm::Plugin;

use super::{GrantEntry, Granted, LimitsEntry, Loader, Lock, PluginFile, folder::file_of, place};

/// A plug-in that an operator may grant.
pub struct Candidate {
    file: PluginFile,
    plugin: Plugin,
    limits: LimitsEntry,
}

/// What the folder has of a candidate already.
pub(crate) struct Before {
    /// What was granted.
    pub granted: Granted,
    /// What the version before asked for; `None` where its file has gone or was changed.
    pub descriptor: Option<Descriptor>,
}

impl Candidate {
    /// Loads the plug-in in this file and asks it what it is.
    pub async fn read(loader: &Loader, path: &Path, limits: LimitsEntry) -> anyhow::Result<Self> {
        let read = PluginFile::read(path);
        let file = read.with_context(|| format!("{} cannot be read", path.display()))?;
        let plugin = loader.load(&file, limits).await;
        let plugin = plugin.with_context(|| format!("{} cannot be used", path.display()))?;
        Ok(Self { file, plugin, limits })
    }

    /// What it says it is, and asks for.
    pub fn descriptor(&self) -> &Descriptor {
        self.plugin.descriptor()
    }

    /// What was loaded.
    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// What the folder has of it already.
    pub(crate) async fn before(
        &self,
        loader: &Loader,
        folder: &Path,
    ) -> anyhow::Result<Option<Before>> {
        let lock = Lock::read(folder)?;
        let Some(granted) = lock.find(&self.descriptor().id).cloned() else { return Ok(None) };
        let known = PluginFile::read(&file_of(folder, &self.descriptor().id)).ok();
        let known = known.filter(|file| file.digest().to_string() == granted.digest);
        let descriptor = match known {
            Some(file) => {
                let limits = granted.limits.unwrap_or_default();
                let plugin = loader.load(&file, limits).await.ok();
                plugin.map(|plugin| plugin.descriptor().clone())
            }
            None => None,
        };
        Ok(Some(Before { granted, descriptor }))
    }

    /// What would be granted to it.
    pub(crate) fn wishes(&self) -> Granted {
        let limits = Some(self.limits).filter(|limits| *limits != LimitsEntry::default());
        Granted {
            id: self.descriptor().id.to_string(),
            version: self.descriptor().version.clone(),
            digest: self.file.digest().to_string(),
            limits,
            grants: self.descriptor().grants.iter().map(GrantEntry::from).collect(),
        }
    }

    /// Puts it into the folder with everything it asks for. A Portico that follows the folder
    /// offers it from then on.
    pub fn grant(&self, folder: &Path) -> anyhow::Result<()> {
        let mut lock = Lock::read(folder)?;
        lock.grant(self.wishes());
        let file = file_of(folder, &self.descriptor().id);
        // The file first: where the lock then cannot be written, the version before is what the
        // lock still names, and it goes on serving.
        place(&file, self.file.bytes())
            .with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(lock.write(folder)?)
    }
}
