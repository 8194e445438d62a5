//! `portico provider add`: shows what a plug-in asks for, and grants it when the operator agrees.

use std::io::{self, IsTerminal, Write};

use anyhow::bail;
use portico_domain::provider::Descriptor;
use portico_provider_kit::{wishes, wishes_changed};

use super::{AddArguments, say};
use crate::{
    Config,
    config::variable,
    plugins::{Before, Candidate, LimitsEntry},
    wiring,
};

#[tokio::main]
pub(super) async fn run(config: &Config, arguments: &AddArguments) -> anyhow::Result<()> {
    let folder = &config.providers;
    // The folder holds the compiled code too, which is made on the way.
    std::fs::create_dir_all(folder)?;
    let loader = wiring::loader(config)?;
    let limits = LimitsEntry {
        memory_mib: arguments.memory,
        time_ms: arguments.time,
        output_kib: arguments.output,
    };
    let candidate = Candidate::read(&loader, &arguments.file, limits).await?;
    let before = candidate.before(&loader, folder).await?;
    say(&introduction(&candidate, before.as_ref()))?;
    if before.as_ref().is_some_and(|before| before.granted == candidate.wishes()) {
        return say("It is granted already. Nothing was changed.\n");
    }
    if !arguments.yes && !agreed()? {
        bail!("nothing was granted");
    }
    candidate.grant(folder)?;
    say(&farewell(config, candidate.descriptor()))
}

/// What an operator has to know before they agree.
fn introduction(candidate: &Candidate, before: Option<&Before>) -> String {
    let descriptor = candidate.descriptor();
    let wishes = candidate.wishes();
    let head = format!("{} ({}) {}\n", descriptor.name, descriptor.id, descriptor.version);
    let (title, lines) = match before {
        None => ("It asks for:", wishes_of(descriptor)),
        Some(Before { descriptor: Some(known), granted }) => {
            let mut lines = wishes_changed(known, descriptor);
            if lines.is_empty() {
                lines.push("nothing else than before; its code has changed".to_owned());
            }
            if granted.limits != wishes.limits {
                lines.push("other limits than before".to_owned());
            }
            ("Against what is granted now, it asks for:", lines)
        }
        Some(_) => {
            ("The version before is not there to compare with. It asks for:", wishes_of(descriptor))
        }
    };
    let lines: String = lines.iter().map(|line| format!("  - {line}\n")).collect();
    format!("{head}{}\n{title}\n{lines}", wishes.digest)
}

fn wishes_of(descriptor: &Descriptor) -> Vec<String> {
    wishes(descriptor)
}

fn agreed() -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody is there to ask: read the above, then say --yes");
    }
    say("Grant this? [y/N] ")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What is left to be done.
fn farewell(config: &Config, descriptor: &Descriptor) -> String {
    let id = &descriptor.id;
    let granted = format!("Granted. {} holds it now.\n", config.providers.display());
    match config.provider_sources.read(descriptor, None) {
        Ok(_) => granted,
        Err(faults) => {
            let required = descriptor.settings.iter();
            let required = required.filter(|spec| spec.required && spec.default.is_none());
            let settings: Vec<_> = required.map(|spec| variable(id, &spec.key)).collect();
            let settings = match settings.as_slice() {
                [] => String::new(),
                settings => format!(" Its own settings: {}.", settings.join(", ")),
            };
            format!("{granted}Before it is offered: {}{settings}\n", faults.sentences())
        }
    }
}
