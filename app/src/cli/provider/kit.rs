//! Commands for plug-in authors: `new`, `pack`, `test` and `diff`.

mod arguments;

use std::{path::Path, sync::Arc};

use anyhow::{Context, anyhow, bail};
use async_trait::async_trait;
use portico_domain::{
    ports::CloudProvider,
    provider::{CallError, Descriptor, Settings},
};
use portico_plugins::{BUILT_IN, place};
use portico_provider_kit::{
    Factory, Fixtures, Language, NewProject, Tape, check, diff, new_project, pack, replay,
};
use portico_wasm::{Limits, MAX_BYTES, Plugin, Sandbox};

pub(in crate::cli) use self::arguments::{
    DiffArguments, NewArguments, PackArguments, TestArguments,
};
use super::{compile_with_notice, print};

pub(super) fn run_new(arguments: &NewArguments) -> anyhow::Result<()> {
    if BUILT_IN.contains(&arguments.name.as_str()) {
        bail!(taken_by_built_in(&arguments.name));
    }
    let language: Language = arguments.lang.parse()?;
    let folder = arguments.into.clone().unwrap_or_else(|| arguments.name.clone().into());
    let project = NewProject {
        name: &arguments.name,
        language,
        folder: &folder,
        sdk: arguments.sdk.as_deref(),
    };
    let mut text = String::new();
    for file in new_project(project)? {
        text += &format!("{}\n", file.display());
    }
    let readme = folder.join("README.md");
    print(&format!("{text}See {} for how to build and test it.\n", readme.display()))
}

/// The error for the id of a built-in provider. Replacing that provider is possible, but explicit.
fn taken_by_built_in(id: &str) -> String {
    format!(
        "{id} is the id of a provider that is built into Portico: choose another one, such as \
         my-{id}. To replace the built-in provider, set the id {id} in the descriptor and add the \
         plug-in with `portico provider add --replace-built-in`; it then uses that provider's \
         client secret"
    )
}

#[tokio::main]
pub(super) async fn run_pack(arguments: &PackArguments) -> anyhow::Result<()> {
    let module = read(&arguments.module)?;
    let component = pack(&module)
        .with_context(|| format!("{} cannot be packed", arguments.module.display()))?;
    // Otherwise an error in its descriptor would appear only when the plug-in is added.
    Loaded::of(&component).await.with_context(|| {
        format!("{} was packed, but is not a valid plug-in", arguments.module.display())
    })?;
    place(&arguments.output, &component)
        .with_context(|| format!("{} cannot be written", arguments.output.display()))
}

#[tokio::main]
pub(super) async fn run_test(arguments: &TestArguments) -> anyhow::Result<()> {
    let plugin = Loaded::read(&arguments.file).await?;
    let (mut fixtures, mut tapes) = (Vec::new(), Vec::new());
    for path in &arguments.fixtures {
        let name = path.display().to_string();
        let text = read_text(path)?;
        let parsed = Fixtures::parse(&name, &text);
        fixtures.push(parsed.map_err(|why| anyhow!("{name}: {why}"))?);
        // A tape is replayed, and its replies also serve as fixtures.
        tapes.extend(Tape::parse(&text).ok().map(|tape| (name, tape)));
    }
    let report = check(&plugin, &fixtures).await;
    print(&format!("{report}\n"))?;
    let mut differing = 0;
    for (name, tape) in &tapes {
        let provider = plugin.configure(&tape.settings()).await;
        let provider = provider.with_context(|| format!("{name}: its settings are invalid"))?;
        match replay(tape, &*provider).await.first_difference() {
            None => print(&format!("{name}: replays as recorded\n"))?,
            Some(difference) => {
                differing += 1;
                print(&format!("{name}: {difference}\n"))?;
            }
        }
    }
    if !report.passed() || differing > 0 {
        bail!("the plug-in failed; see the lines above");
    }
    Ok(())
}

#[tokio::main]
pub(super) async fn run_diff(arguments: &DiffArguments) -> anyhow::Result<()> {
    let (old, new) = (Loaded::read(&arguments.old).await?, Loaded::read(&arguments.new).await?);
    let mut tapes = Vec::new();
    for path in &arguments.tapes {
        let name = path.display().to_string();
        let tape = Tape::parse(&read_text(path)?).map_err(|why| anyhow!("{name}: {why}"))?;
        tapes.push((name, tape));
    }
    let diff = diff(&old, &new, &tapes).await;
    if diff.is_empty() {
        return print("No differences.\n");
    }
    print(&format!("{diff}\n"))?;
    if !diff.all_played() {
        bail!("a tape could not be replayed with both versions; see the lines above");
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    portico_files::read(path, MAX_BYTES as u64)
        .with_context(|| format!("{} cannot be read", path.display()))
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path)?).with_context(|| format!("{} is not valid UTF-8", path.display()))
}

/// A loaded plug-in, for the kit to configure.
struct Loaded(Plugin);

impl Loaded {
    async fn read(file: &Path) -> anyhow::Result<Self> {
        let loaded = Self::of(&read(file)?).await;
        loaded.with_context(|| format!("{} is not a valid plug-in", file.display()))
    }

    async fn of(component: &[u8]) -> anyhow::Result<Self> {
        let sandbox = Sandbox::new()?;
        let compiled = compile_with_notice(&sandbox, component).await?;
        Ok(Self(Plugin::load(&sandbox, &compiled, Limits::default()).await?))
    }
}

#[async_trait]
impl Factory for Loaded {
    fn descriptor(&self) -> &Descriptor {
        self.0.descriptor()
    }

    async fn configure(&self, settings: &Settings) -> Result<Arc<dyn CloudProvider>, CallError> {
        Ok(Arc::new(self.0.configure(settings.clone()).await?))
    }
}
