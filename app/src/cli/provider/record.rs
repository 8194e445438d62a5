//! `portico provider test --record`: tapes one login of a plug-in at a live or emulated cloud.
//!
//! It is a Portico of its own for as long as that login takes: the plug-in alone, with everything
//! it asks for granted, its settings as Portico has them, and sessions in memory.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use portico_files::Access;
use portico_plugins::{Candidate, LimitsEntry, SettingsSource, refused_by_provider};
use portico_provider_kit::{Recorder, Scrub};

use super::say;
use crate::{
    compose::{Fixed, Portico, loader, registrar},
    config::{Config, StoreChoice},
    signals::stop_signal,
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
    let loader = loader(config)?;
    let candidate =
        Candidate::read(&loader, file, LimitsEntry::default(), &config.provider_sources).await?;
    let asked = candidate.descriptor();
    if asked.people.is_none() {
        bail!("{} signs nobody in, so no login of it alone can be taped", asked.name);
    }
    let said = config.provider_sources.read(asked)?;
    let settings = said.settings.clone().complete(&asked.settings);
    let settings = settings.map_err(|error| refused_by_provider(error, asked))?;
    let secrets = said.client_secret.iter().map(|secret| secret.expose().to_owned()).collect();

    let registrar = registrar(config);
    let consent = candidate.everything();
    let mut registration = registrar.register(candidate.plugin(), "taped", &consent, said).await?;
    let recorder = Arc::new(Recorder::new(registration.cloud.clone(), &settings));
    registration.cloud = recorder.clone();
    let mut alone = Config { azure: None, ..config.clone() };
    alone.store.choice = StoreChoice::Memory;
    // A folder that is not there: no other plug-in is offered.
    alone.plugins.folder = tape.with_extension("no-providers");
    let portico =
        Portico::start_with(&alone, Box::new(Fixed(vec![Arc::new(registration)]))).await?;
    let address = config.server.app_base_url.join(&format!("api/login/{}", asked.id))?;
    say(&format!("Open {address} in a browser and sign in; the login is taped.\n"))?;

    run_for_one_login(portico, &recorder).await?;
    let taped = recorder.tape(&Scrub { secrets, anonymise })?;
    if taped.outcome.is_none() {
        bail!("nobody finished signing in, so nothing was taped");
    }
    // A login of somebody's: theirs alone until they have read it.
    portico_files::place(tape, taped.to_json().as_bytes(), Access::Owner)
        .with_context(|| format!("{} cannot be written", tape.display()))?;
    say(&format!("{} holds the login. Read it before you pass it on.\n", tape.display()))
}

/// Serves until the login has ended, or a person stops waiting for it.
async fn run_for_one_login(portico: Portico, recorder: &Recorder) -> anyhow::Result<()> {
    let interrupted = stop_signal()?;
    let ended = async {
        while !recorder.is_finished() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    portico
        .run(async {
            tokio::select! { () = ended => {}, () = interrupted => {} }
        })
        .await
}
