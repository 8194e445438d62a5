//! `portico provider add`: shows what a plug-in asks for, and grants it when the operator agrees.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use portico_domain::provider::{Descriptor, Settings};
use portico_plugins::{
    Before, CLIENT_SECRET, Candidate, FolderKind, Granted, LimitsEntry, Lock, SettingsSource,
    shared_variable, variable,
};
use portico_provider_kit::{changes, consent_request};

use super::{agreed, inspect::icon_refused, say};
use crate::{compose::loader, config::Config};

/// What can be said to it.
#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The plug-in: a WebAssembly component
    file: PathBuf,
    /// Grant what it asks for without asking back
    #[arg(long)]
    yes: bool,
    /// Let it take the place of the provider of its id that is built in, with its client secret
    #[arg(long)]
    replace_built_in: bool,
    /// Let each of its logins use this much memory, in MiB
    #[arg(long, value_name = "MIB")]
    memory: Option<u32>,
    /// Let each of its logins use this much processor time, in milliseconds
    #[arg(long, value_name = "MS")]
    time: Option<u32>,
    /// Let each of its calls hand over this much, in KiB
    #[arg(long, value_name = "KIB")]
    output: Option<u32>,
}

#[tokio::main]
pub(super) async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let folder = &config.plugins.folder;
    let kind = FolderKind::of(folder);
    say(&about(folder, &kind))?;
    if matches!(kind, FolderKind::OfOthers(_)) && !arguments.yes && !agreed("Add it there?")? {
        bail!("nothing was granted");
    }
    // The folder holds the compiled code too, which is made on the way.
    std::fs::create_dir_all(folder)?;
    let loader = loader(config)?;
    let limits = LimitsEntry {
        memory_mib: arguments.memory,
        time_ms: arguments.time,
        output_kib: arguments.output,
    };
    let candidate =
        Candidate::read(&loader, &arguments.file, limits, &config.provider_sources).await?;
    let before = candidate.before(&loader, folder).await?;
    let settings = config.provider_sources.settings(candidate.descriptor()).ok();
    let complete = settings.and_then(|it| it.complete(&candidate.descriptor().settings).ok());
    let shared = shared_variable(candidate.descriptor(), &Lock::read(folder)?.ids());
    say(&introduction(&candidate, before.as_ref(), complete.as_ref(), shared))?;
    if candidate.replaces_built_in() && !arguments.replace_built_in {
        bail!(
            "{} is built into Portico, and this plug-in would take its place and be given its \
             client secret: say --replace-built-in if that is what you want",
            candidate.descriptor().id
        );
    }
    if before.as_ref().is_some_and(|before| before.granted == candidate.requested()) {
        if candidate.has_file_in(folder) {
            return say("It is granted already. Nothing was changed.\n");
        }
        candidate.write_file(folder)?;
        let place = folder.display();
        return say(&format!(
            "It is granted already; its file was gone, and {place} holds it again.\n"
        ));
    }
    if !arguments.yes && !agreed("Grant this?")? {
        bail!("nothing was granted");
    }
    candidate.grant(folder)?;
    say(&farewell(config, candidate.descriptor()))
}

/// What an operator has to know before they agree. Templates are shown with what they come to with
/// the settings that are given already.
fn introduction(
    candidate: &Candidate,
    before: Option<&Before>,
    settings: Option<&Settings>,
    shared: Option<String>,
) -> String {
    let descriptor = candidate.descriptor();
    let requested = candidate.requested();
    let mut text = format!(
        "{} ({}) {}\n{}\n\n",
        descriptor.name, descriptor.id, descriptor.version, requested.digest
    );
    if candidate.replaces_built_in() {
        let id = &descriptor.id;
        text += &format!(
            "It takes the place of the built-in provider {id}, and is configured as that one is: your \
             client secret for {id} ({}) becomes its own.\n\n",
            variable(id, CLIENT_SECRET)
        );
    }
    if let Some(why) = shared {
        text += &format!("It will not be offered: {why}\n\n");
    }
    if let Some(why) = icon_refused(descriptor) {
        text += &format!("Its icon is not shown: {why}.\n\n");
    }
    let everything = consent_request(descriptor, settings).to_string();
    text += &match before {
        None => everything,
        Some(before) => against(before, descriptor, &requested, &everything),
    };
    text
}

/// What is asked for against what is granted now.
fn against(
    before: &Before,
    descriptor: &Descriptor,
    requested: &Granted,
    everything: &str,
) -> String {
    let granted = &before.granted;
    let Some(known) = &before.descriptor else {
        let why = match granted.sign_in {
            None => FIRST_FORMAT,
            Some(_) if granted.consent().is_err() => UNREADABLE,
            Some(_) => "The version before is not there to compare with.",
        };
        return format!("{why}\n\n{everything}");
    };
    let mut lines = differences(known, descriptor);
    if granted.limits != requested.limits {
        lines.push("Its limits are other ones.".to_owned());
    }
    let lines: String = lines.iter().map(|line| format!("  - {line}\n")).collect();
    match granted.sign_in.is_some() && lines.contains(UNCHANGED) {
        true => format!("Against what is granted now:\n{lines}"),
        // A template says little of where it leads with the settings that are given.
        false => format!("Against what is granted now:\n{lines}\nAltogether:\n{everything}"),
    }
}

const UNCHANGED: &str = "It asks for nothing else than before; its code has changed.";

/// What another version would change. Only where everything is equal that consent covers is it
/// nothing.
fn differences(known: &Descriptor, descriptor: &Descriptor) -> Vec<String> {
    let (covered, free): (Vec<_>, Vec<_>) =
        changes(known, descriptor).into_iter().partition(|change| change.needs_consent);
    let mut lines: Vec<_> = covered.into_iter().map(|change| change.words).collect();
    if lines.is_empty() {
        lines.push(UNCHANGED.to_owned());
    }
    lines.extend(free.into_iter().map(|change| change.words));
    lines
}

const FIRST_FORMAT: &str = "It was granted before by a version of Portico that did not show how \
                            people sign in, which is no consent.";

const UNREADABLE: &str = "What was granted before cannot be read any more: its entry in \
                          providers.lock was changed.";

/// What an operator should know of the folder before anything is written into it.
fn about(folder: &Path, kind: &FolderKind) -> String {
    let place = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let place = place.display();
    match kind {
        FolderKind::OfPlugins => String::new(),
        FolderKind::New => format!(
            "The folder {place} is new: it is made for this plug-in. A Portico looks for plug-ins in the \
             folder that PORTICO_PROVIDERS (providers_folder in portico.toml) names, and in \
             ./providers.d where nothing is said.\n\n"
        ),
        FolderKind::OfOthers(names) => format!(
            "The folder {place} holds no plug-ins but other things ({}): PORTICO_PROVIDERS \
             (providers_folder in portico.toml) should name a folder of plug-ins alone.\n\n",
            names.join(", ")
        ),
    }
}

/// What is left to be done.
fn farewell(config: &Config, descriptor: &Descriptor) -> String {
    let id = &descriptor.id;
    let granted = format!("Granted. {} holds it now.\n", config.plugins.folder.display());
    match config.provider_sources.read(descriptor) {
        Ok(_) => granted,
        Err(faults) => {
            let required = descriptor.settings.iter();
            let required = required.filter(|spec| spec.required && spec.default.is_none());
            let settings: Vec<_> = required.map(|spec| variable(id, &spec.key)).collect();
            let settings = match settings.as_slice() {
                [] => String::new(),
                settings => format!(" Its own settings: {}.", settings.join(", ")),
            };
            format!("{granted}Before it is offered: {}{settings}\n", faults)
        }
    }
}
