//! Machine code on disk, so that a plug-in is compiled once.
//!
//! A file planted in the folder would be run outside of any sandbox: every entry carries a tag
//! under a key of Portico's, verified over the very bytes in memory that are run afterwards.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::PathBuf,
};

use portico_files::Access;

use crate::{
    child::MAX_OUTPUT,
    compiled::Compiled,
    digest::ComponentDigest,
    entry::{Authenticator, HEAD},
    sandbox::{Sandbox, hex},
};

/// What a `Compiled` consists of: another number where that changes.
const FORMAT: u32 = 2;

/// A folder of compiled components.
pub struct CompiledCache {
    folder: PathBuf,
    authenticator: Authenticator,
}

impl CompiledCache {
    /// The cache in `folder`, which is made where it is missing and is this user's alone (0700).
    /// Entries are authenticated under a key derived from `key`; those of another key are not read.
    ///
    /// A folder of somebody else's that can be read is read, as a start does that may not write where
    /// the plug-ins were added. Nobody gains by that: an entry is what it is by its tag alone.
    pub fn open(folder: impl Into<PathBuf>, key: [u8; 32]) -> io::Result<Self> {
        let folder = folder.into();
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        if let Err(error) = fs::set_permissions(&folder, Permissions::from_mode(0o700)) {
            fs::read_dir(&folder).map_err(|_| error)?;
        }
        Ok(Self { folder, authenticator: Authenticator::new(key) })
    }

    /// What was kept for this component and this build of Portico. An entry that is not as it was
    /// written is removed, and is as good as absent.
    pub fn get(&self, sandbox: &Sandbox, component: &ComponentDigest) -> Option<Compiled> {
        let name = name(sandbox, component);
        let path = self.folder.join(&name);
        let file = portico_files::read(&path, MAX_OUTPUT + HEAD as u64).ok()?;
        if !self.authenticator.is_genuine(&name, &file) {
            tracing::warn!(path = %path.display(), "a compiled plug-in was altered: removed");
            // What cannot be removed is refused again the next time.
            let _ = fs::remove_file(&path);
            return None;
        }
        Some(Compiled::trusted_after(HEAD, file))
    }

    /// Keeps the machine code of this component. A reader sees all of the entry or none.
    pub fn put(
        &self,
        sandbox: &Sandbox,
        component: &ComponentDigest,
        compiled: &Compiled,
    ) -> io::Result<()> {
        let name = name(sandbox, component);
        let file = self.authenticator.seal(&name, compiled.as_bytes())?;
        portico_files::place(&self.folder.join(name), &file, Access::Owner)
    }
}

/// The component's SHA-256, and what its machine code is compiled for.
fn name(sandbox: &Sandbox, component: &ComponentDigest) -> String {
    format!("{}-{}-{FORMAT}", hex(component.as_bytes()), &sandbox.compatibility()[..32])
}
