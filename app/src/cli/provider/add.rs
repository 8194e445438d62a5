//! `portico provider add`: shows what a plug-in asks for, and grants it if the operator agrees.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use portico_domain::provider::{Descriptor, Settings};
use portico_plugins::{
    Before, CLIENT_SECRET, Candidate, FolderKind, Granted, LimitsEntry, Lock, SettingsSource,
    shared_variable, variable,
};
use portico_provider_kit::{changes, consent_request};

use super::{confirm, inspect::icon_refused, print};
use crate::{compose::loader, config::Config};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// Plug-in: a WebAssembly component
    file: PathBuf,
    /// Skip the confirmation prompt
    #[arg(long)]
    yes: bool,
    /// Replace the built-in provider with the same id, and use its client secret
    #[arg(long)]
    replace_built_in: bool,
    /// Set the memory limit of each login, in MiB
    #[arg(long, value_name = "MIB")]
    memory: Option<u32>,
    /// Set the processor time limit of each login, in milliseconds
    #[arg(long, value_name = "MS")]
    time: Option<u32>,
    /// Set the output limit of each call, in KiB
    #[arg(long, value_name = "KIB")]
    output: Option<u32>,
}

#[tokio::main]
pub(super) async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let folder = &config.plugins.folder;
    let kind = FolderKind::of(folder);
    print(&folder_notice(folder, &kind))?;
    let has_other_files = matches!(kind, FolderKind::OfOthers(_));
    if has_other_files && !arguments.yes && !confirm("Add the plug-in to this folder?")? {
        bail!("cancelled: nothing was granted");
    }
    // The loader writes its cache of compiled code into the folder.
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
    print(&summary(&candidate, before.as_ref(), complete.as_ref(), shared))?;
    if candidate.replaces_built_in() && !arguments.replace_built_in {
        bail!(
            "{} is built into Portico; this plug-in would replace it and use its client secret: add \
             --replace-built-in to allow that",
            candidate.descriptor().id
        );
    }
    if before.as_ref().is_some_and(|before| before.granted == candidate.requested()) {
        if candidate.has_file_in(folder) {
            return print("Already up to date. Nothing was changed.\n");
        }
        candidate.write_file(folder)?;
        return print(&format!(
            "Already granted. Its file in {} was missing or changed, and has been restored.\n",
            folder.display()
        ));
    }
    if !arguments.yes && !confirm("Grant this?")? {
        bail!("cancelled: nothing was granted");
    }
    candidate.grant(folder)?;
    print(&next_steps(config, candidate.descriptor()))
}

/// The consent request with its notices. Templates are shown with the values that the given settings
/// fill in.
fn summary(
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
            "It replaces the built-in provider {id} and uses that provider's settings, including your \
             client secret for {id} ({}).\n\n",
            variable(id, CLIENT_SECRET)
        );
    }
    if let Some(why) = shared {
        text += &format!("It will not be offered: {why}\n\n");
    }
    if let Some(why) = icon_refused(descriptor) {
        text += &format!("Its icon is not shown: {why}.\n\n");
    }
    let full_request = consent_request(descriptor, settings).to_string();
    text += &match before {
        None => full_request,
        Some(before) => comparison(before, descriptor, &requested, &full_request),
    };
    text
}

/// The changes from the current grant to the requested one, and the full request unless nothing
/// changes that needs consent.
fn comparison(
    before: &Before,
    descriptor: &Descriptor,
    requested: &Granted,
    full_request: &str,
) -> String {
    let granted = &before.granted;
    let Some(known) = &before.descriptor else {
        let why = match granted.sign_in {
            None => FIRST_FORMAT,
            Some(_) if granted.consent().is_err() => UNREADABLE,
            Some(_) => "The previous version is not available for comparison.",
        };
        return format!("{why}\n\n{full_request}");
    };
    let mut lines = differences(known, descriptor);
    if granted.limits != requested.limits {
        lines.push("Its limits change.".to_owned());
    }
    let lines: String = lines.iter().map(|line| format!("  - {line}\n")).collect();
    match granted.sign_in.is_some() && lines.contains(UNCHANGED) {
        true => format!("Changes to the current grant:\n{lines}"),
        // A changed template alone does not show where it leads with the given settings.
        false => format!("Changes to the current grant:\n{lines}\nFull request:\n{full_request}"),
    }
}

const UNCHANGED: &str = "It asks for nothing new; its code has changed.";

/// The differences to another version, those that need consent first; [`UNCHANGED`] in place of
/// these if there are none.
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

const FIRST_FORMAT: &str = "It was granted by an earlier version of Portico that did not show how \
                            people sign in. That grant is not valid any more.";

const UNREADABLE: &str = "The previous grant cannot be read any more: its entry in providers.lock was \
                          changed.";

/// A notice about the folder, printed before anything is written into it.
fn folder_notice(folder: &Path, kind: &FolderKind) -> String {
    let path = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let path = path.display();
    match kind {
        FolderKind::OfPlugins => String::new(),
        FolderKind::New => format!(
            "The folder {path} does not exist and will be created. Portico loads plug-ins from the \
             folder in PORTICO_PROVIDERS (providers_folder in portico.toml), by default \
             ./providers.d.\n\n"
        ),
        FolderKind::OfOthers(names) => format!(
            "The folder {path} contains no plug-ins, but other files ({}): PORTICO_PROVIDERS \
             (providers_folder in portico.toml) should name a folder for plug-ins only.\n\n",
            names.join(", ")
        ),
    }
}

/// The result, and the settings that are still missing.
fn next_steps(config: &Config, descriptor: &Descriptor) -> String {
    let id = &descriptor.id;
    let granted = format!("Granted, and copied to {}.\n", config.plugins.folder.display());
    match config.provider_sources.read(descriptor) {
        Ok(_) => granted,
        Err(faults) => {
            let required = descriptor.settings.iter();
            let required = required.filter(|spec| spec.required && spec.default.is_none());
            let variables: Vec<_> = required.map(|spec| variable(id, &spec.key)).collect();
            let required = match variables.as_slice() {
                [] => String::new(),
                variables => {
                    format!(" Required settings of the plug-in: {}.", variables.join(", "))
                }
            };
            format!("{granted}Not offered yet: {faults}{required}\n")
        }
    }
}
