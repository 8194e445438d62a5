//! Every plug-in that `make providers` has built, granted to the demo.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use portico::{Config, loader};
use portico_plugins::{Candidate, LimitsEntry};
use portico_seal::KeyRing;
use portico_system::SystemEntropy;

/// The demo's own folder of plug-ins, and the file of keys that vouch for what was compiled.
pub(crate) struct Folder {
    pub(crate) path: String,
    pub(crate) keys: String,
}

/// The folder that an earlier demo left, or a new one, below the build folder.
pub(crate) fn folder() -> anyhow::Result<Folder> {
    let home = build_folder()?.join("demo");
    let (path, keys) = (home.join("providers.d"), home.join("portico.keys"));
    fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    KeyRing::load_or_create(&keys, &SystemEntropy).context("the demo's keys cannot be used")?;
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    Ok(Folder { path: text(path), keys: text(keys) })
}

/// Grants what was built; the demo's operator is whoever started it.
pub(crate) async fn grant_all(config: &Config) -> anyhow::Result<()> {
    let built = build_folder()?.join("providers");
    let loader = loader(config)?;
    for file in components(&built)? {
        let (limits, sources) = (LimitsEntry::default(), config.plugin_settings());
        let candidate = Candidate::read(&loader, &file, limits, sources).await?;
        candidate.grant(&config.plugins.folder)?;
    }
    Ok(())
}

fn components(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read: run make providers", folder.display()))?;
    let files = listed.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    Ok(files.filter(|file| file.extension().is_some_and(|it| it == "wasm")).collect())
}

/// `target`, where this program is `target/<profile>/portico-demo`.
fn build_folder() -> anyhow::Result<PathBuf> {
    let program = env::current_exe().context("the demo's own program cannot be found")?;
    let folder = program.ancestors().nth(2).context("the demo is not in a build folder")?;
    Ok(folder.to_owned())
}
