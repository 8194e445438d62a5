//! `portico provider test --record`: records one login of a plug-in at a live or emulated cloud.
//!
//! The login runs in a Portico of its own: with this plug-in only, everything that it asks for granted,
//! its configured settings, and sessions in memory.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use portico_files::Access;
use portico_plugins::{Candidate, LimitsEntry, SettingsSource, refused_by_provider};
use portico_provider_kit::{Recorder, Scrub};

use super::print;
use crate::{
    compose::{Fixed, Portico, loader, registrar},
    config::{Config, StoreChoice},
    signals::stop_signal,
};

/// The interval between checks whether the login has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

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
    let descriptor = candidate.descriptor();
    if descriptor.people.is_none() {
        bail!("{} signs nobody in, so its login cannot be recorded", descriptor.name);
    }
    let provider_config = config.provider_sources.read(descriptor)?;
    let settings = provider_config.settings.clone().complete(&descriptor.settings);
    let settings = settings.map_err(|error| refused_by_provider(error, descriptor))?;
    let secrets = provider_config.credential.text().into_iter();
    let secrets = secrets.map(|secret| secret.expose().to_owned()).collect();

    let registrar = registrar(config);
    let consent = candidate.everything();
    let registration = registrar.register(candidate.plugin(), "taped", &consent, provider_config);
    let mut registration = registration.await?;
    let recorder = Arc::new(Recorder::new(registration.cloud.clone(), &settings));
    registration.cloud = recorder.clone();
    let mut isolated = Config { azure: None, ..config.clone() };
    isolated.store.choice = StoreChoice::Memory;
    // The folder does not exist, so no other plug-in is offered.
    isolated.plugins.folder = tape.with_extension("no-providers");
    let portico =
        Portico::start_with(&isolated, Box::new(Fixed(vec![Arc::new(registration)]))).await?;
    let address = config.server.app_base_url.join(&format!("api/login/{}", descriptor.id))?;
    print(&format!("Open {address} in a browser and sign in to record the login.\n"))?;

    run_for_one_login(portico, &recorder).await?;
    let recorded = recorder.tape(&Scrub { secrets, anonymise })?;
    if recorded.outcome.is_none() {
        bail!("nobody signed in, so nothing was recorded");
    }
    // The tape describes a person's login: only the owner may read it, until they have reviewed it.
    portico_files::place(tape, recorded.to_json().as_bytes(), Access::Owner)
        .with_context(|| format!("{} cannot be written", tape.display()))?;
    print(&format!("Recorded in {}. Review it before you share it.\n", tape.display()))
}

/// Serves until the login has ended or a stop signal arrives.
async fn run_for_one_login(portico: Portico, recorder: &Recorder) -> anyhow::Result<()> {
    let interrupted = stop_signal()?;
    let ended = async {
        while !recorder.is_finished() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    portico
        .run(async {
            tokio::select! { () = ended => {}, () = interrupted => {} }
        })
        .await
}
