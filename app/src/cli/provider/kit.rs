//! The kit for writers of plug-ins on the command line: `new`, `pack`, `test` and `diff`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use async_trait::async_trait;
use clap::Args;
use portico_domain::{
    ports::CloudProvider,
    provider::{Descriptor, ProviderError, Settings},
};
use portico_plugins::{BUILT_IN, place};
use portico_provider_kit::{
    Factory, Fixtures, Language, NewProject, Tape, check, diff, new_project, pack, replay,
};
use portico_wasm::{Limits, MAX_BYTES, Plugin, Sandbox};

use super::{compile_aloud, say};

#[derive(Args)]
pub(in crate::cli) struct NewArguments {
    /// The id of the provider: lower-case letters, digits and '-'
    name: String,
    /// rust, javascript or python
    #[arg(long)]
    lang: String,
    /// Where to write it; a folder of its name where nothing is said
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Where the Rust SDK is; found by itself within a checkout of Portico
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
}

#[derive(Args)]
pub(in crate::cli) struct PackArguments {
    /// The core module, as cargo builds it for wasm32-unknown-unknown
    module: PathBuf,
    /// Where to write the component
    #[arg(long, short)]
    output: PathBuf,
}

#[derive(Args)]
pub(in crate::cli) struct TestArguments {
    /// The plug-in: a WebAssembly component
    pub(super) file: PathBuf,
    /// Fixtures and tapes: what its cloud answers
    pub(super) fixtures: Vec<PathBuf>,
    /// Tape one login into this file instead, with the plug-in's settings as Portico has them
    #[arg(long, value_name = "TAPE", conflicts_with = "fixtures")]
    pub(super) record: Option<PathBuf>,
    /// Write made-up names and e-mail addresses onto the tape
    #[arg(long, requires = "record")]
    pub(super) anonymise: bool,
}

#[derive(Args)]
pub(in crate::cli) struct DiffArguments {
    /// The plug-in as it was
    old: PathBuf,
    /// The plug-in as it is to be
    new: PathBuf,
    /// Logins to play to both
    tapes: Vec<PathBuf>,
}

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
    say(&format!("{text}{} says how to build and test it.\n", folder.join("README.md").display()))
}

/// Whoever means to take that one's place can, once they know what it means.
fn taken_by_built_in(id: &str) -> String {
    format!(
        "{id} is the id of a provider that is built into Portico: take another name, such as \
         my-{id}. A plug-in that is to take its place has the id {id} in its descriptor, is added \
         with `portico provider add --replace-built-in`, and is given its client secret"
    )
}

#[tokio::main]
pub(super) async fn run_pack(arguments: &PackArguments) -> anyhow::Result<()> {
    let module = read(&arguments.module)?;
    let component = pack(&module)
        .with_context(|| format!("{} cannot be packed", arguments.module.display()))?;
    // What fails before it can say who it is would be found by whoever adds it.
    Loaded::of(&component)
        .await
        .with_context(|| format!("{} is packed, and is no plug-in", arguments.module.display()))?;
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
        // A tape is both: what a login looked like, and replies to vary.
        tapes.extend(Tape::parse(&text).ok().map(|tape| (name, tape)));
    }
    let report = check(&plugin, &fixtures).await;
    say(&format!("{report}\n"))?;
    let mut differing = 0;
    for (name, tape) in &tapes {
        let provider = plugin.configure(&tape.settings()).await;
        let provider = provider.with_context(|| format!("{name}: its settings are refused"))?;
        match replay(tape, &*provider).await.first_difference() {
            None => say(&format!("{name}: plays as it was taped\n"))?,
            Some(difference) => {
                differing += 1;
                say(&format!("{name}: {difference}\n"))?;
            }
        }
    }
    if !report.passed() || differing > 0 {
        bail!("the plug-in does not pass; the lines above say what to mend");
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
        return say("Nothing differs.\n");
    }
    say(&format!("{diff}\n"))?;
    if !diff.all_played() {
        bail!("a tape could not be played to both versions; the lines above say why");
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    portico_files::read(path, MAX_BYTES as u64)
        .with_context(|| format!("{} cannot be read", path.display()))
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path)?)
        .with_context(|| format!("{} is no text in UTF-8", path.display()))
}

/// A plug-in from a file, as what the kit makes providers of.
struct Loaded(Plugin);

impl Loaded {
    async fn read(file: &Path) -> anyhow::Result<Self> {
        let loaded = Self::of(&read(file)?).await;
        loaded.with_context(|| format!("{} is no plug-in", file.display()))
    }

    async fn of(component: &[u8]) -> anyhow::Result<Self> {
        let sandbox = Sandbox::new()?;
        let compiled = compile_aloud(&sandbox, component).await?;
        Ok(Self(Plugin::load(&sandbox, &compiled, Limits::default()).await?))
    }
}

#[async_trait]
impl Factory for Loaded {
    fn descriptor(&self) -> &Descriptor {
        self.0.descriptor()
    }

    async fn configure(
        &self,
        settings: &Settings,
    ) -> Result<Arc<dyn CloudProvider>, ProviderError> {
        Ok(Arc::new(self.0.configure(settings.clone()).await?))
    }
}
