//! Machine code on disk, so that a plug-in is compiled once.
//!
//! A file planted in the folder would be run outside of any sandbox: every entry carries a tag
//! under a key of Portico's, verified over the very bytes in memory that are run afterwards.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    compiled::Compiled,
    digest::ComponentDigest,
    entry::{Authenticator, HEAD},
    sandbox::{Sandbox, hex},
};

/// A folder of compiled components.
pub struct CompiledCache {
    folder: PathBuf,
    authenticator: Authenticator,
}

impl CompiledCache {
    /// The cache in `folder`, which is made where it is missing and is this user's alone (0700).
    /// Entries are authenticated under a key derived from `key`; those of another key are not read.
    pub fn open(folder: impl Into<PathBuf>, key: [u8; 32]) -> io::Result<Self> {
        let folder = folder.into();
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
        Ok(Self { folder, authenticator: Authenticator::new(key) })
    }

    /// What was kept for this component and this build of Portico. An entry that is not as it was
    /// written is removed, and is as good as absent.
    pub fn get(&self, sandbox: &Sandbox, component: &ComponentDigest) -> Option<Compiled> {
        let name = name(sandbox, component);
        let path = self.folder.join(&name);
        let file = fs::read(&path).ok()?;
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
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let name = name(sandbox, component);
        let write = WRITES.fetch_add(1, Ordering::Relaxed);
        let new = self.folder.join(format!(".{name}.{}.{write}", process::id()));
        let file = self.authenticator.seal(&name, compiled.as_bytes())?;
        let written =
            write_new(&new, &file).and_then(|()| fs::rename(&new, self.folder.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // `create_new` follows no link that somebody left here.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

/// The component's SHA-256, and what its machine code is compiled for.
fn name(sandbox: &Sandbox, component: &ComponentDigest) -> String {
    format!("{}-{}", hex(component.as_bytes()), &sandbox.compatibility()[..32])
}
