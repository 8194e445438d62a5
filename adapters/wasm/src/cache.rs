//! A cache of machine code on disk, so that a plug-in is compiled once.
//!
//! A planted file would run outside of any sandbox. So every entry has a tag under a key of Portico's,
//! verified over the same bytes in memory that are run afterwards.

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
    digest::{ComponentDigest, hex},
    entry::{Authenticator, HEADER_LEN},
    sandbox::Sandbox,
};

/// The version of the layout of [`Compiled`], part of an entry's name.
const FORMAT: u32 = 2;

/// A folder of compiled components.
pub struct CompiledCache {
    folder: PathBuf,
    authenticator: Authenticator,
}

impl CompiledCache {
    /// Opens the cache in `folder`, which is created if missing and gets mode 0700. Entries are
    /// authenticated under a key derived from `key`; those of another key are not read.
    ///
    /// A readable folder of another user is used as it is: the server may lack write access where the
    /// command line added the plug-ins. That is safe, since the tag alone makes an entry valid.
    pub fn open(folder: impl Into<PathBuf>, key: [u8; 32]) -> io::Result<Self> {
        let folder = folder.into();
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        if let Err(error) = fs::set_permissions(&folder, Permissions::from_mode(0o700)) {
            fs::read_dir(&folder).map_err(|_| error)?;
        }
        Ok(Self { folder, authenticator: Authenticator::new(key) })
    }

    /// The entry of this component and this build of Portico. An altered entry is removed, and `None`
    /// is returned as if it were absent.
    pub fn get(&self, sandbox: &Sandbox, component: &ComponentDigest) -> Option<Compiled> {
        let name = entry_name(sandbox, component);
        let path = self.folder.join(&name);
        let file = portico_files::read(&path, MAX_OUTPUT + HEADER_LEN as u64).ok()?;
        if !self.authenticator.is_genuine(&name, &file) {
            tracing::warn!(path = %path.display(), "a compiled plug-in was altered: removed");
            // If the removal fails, the next read refuses the entry again.
            let _ = fs::remove_file(&path);
            return None;
        }
        Some(Compiled::trusted_after(HEADER_LEN, file))
    }

    /// Stores the machine code of this component. Readers see the whole entry or none.
    pub fn put(
        &self,
        sandbox: &Sandbox,
        component: &ComponentDigest,
        compiled: &Compiled,
    ) -> io::Result<()> {
        let name = entry_name(sandbox, component);
        let file = self.authenticator.seal(&name, compiled.as_bytes())?;
        portico_files::place(&self.folder.join(name), &file, Access::Owner)
    }
}

/// The component's SHA-256, and the compatibility hash of the machine code.
fn entry_name(sandbox: &Sandbox, component: &ComponentDigest) -> String {
    format!("{}-{}-{FORMAT}", hex(component.as_bytes()), &sandbox.compatibility()[..32])
}
