//! `portico provider test --record`: tapes one login of a plug-in at a live or emulated cloud.
//!
//! It is a Portico of its own for as long as that login takes: the plug-in alone, with everything
//! it asks for granted, its settings as Portico has them, and sessions in memory.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use portico_files::Access;
use portico_provider_kit::{Recorder, Scrub};

use super::say;
use crate::{
    Config, Portico, StoreChoice,
    plugins::{Candidate, LimitsEntry, told_where},
    stop_signal, wiring,
};

/// How often to look whether the login has ended.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[tokio::main]
pub(super) async fn run(
    config: &Config,
    file: &Path,
    tape: &Path,
    anonymise: bool,
) -> anyhow::Result<()> {
    let loader = wiring::loader(config)?;
    let candidate = Candidate::read(&loader, file, LimitsEntry::default(), config).await?;
    let asked = candidate.descriptor();
    if asked.people.is_none() {
        bail!("{} signs nobody in, so no login of it alone can be taped", asked.name);
    }
    let said = config.provider_sources.read(asked, None);
    let said = said.map_err(|faults| anyhow!("{}", faults.sentences()))?;
    let settings = said.settings.clone().complete(&asked.settings);
    let settings = settings.map_err(|problem| told_where(problem, asked))?;
    let secrets = said.client_secret.iter().map(|secret| secret.expose().to_owned()).collect();

    let context = wiring::plugin_context(config);
    let consent = candidate.everything();
    let mut registration = context.register(candidate.plugin(), "taped", &consent, said).await?;
    let recorder = Arc::new(Recorder::new(registration.cloud.clone(), &settings));
    registration.cloud = recorder.clone();
    let alone = Config {
        store: StoreChoice::Memory,
        azure: None,
        // A folder that is not there: no other plug-in is offered.
        providers: tape.with_extension("no-providers"),
        ..config.clone()
    };
    let portico =
        Portico::start_with(&alone, wiring::built_in_of(vec![Arc::new(registration)])).await?;
    let address = config.app_base_url.join(&format!("api/login/{}", asked.id))?;
    say(&format!("Open {address} in a browser and sign in; the login is taped.\n"))?;

    let interrupted = stop_signal()?;
    let ended = async {
        while recorder.tape(&Scrub::default()).outcome.is_none() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    portico
        .run(async {
            tokio::select! { () = ended => {}, () = interrupted => {} }
        })
        .await?;
    let taped = recorder.tape(&Scrub { secrets, anonymise });
    if taped.outcome.is_none() {
        bail!("nobody finished signing in, so nothing was taped");
    }
    // A login of somebody's: theirs alone until they have read it.
    portico_files::place(tape, taped.to_json().as_bytes(), Access::Owner)
        .with_context(|| format!("{} cannot be written", tape.display()))?;
    say(&format!("{} holds the login. Read it before you pass it on.\n", tape.display()))
}
