//! `portico provider remove`: takes back what was granted to a plug-in, and removes its file.

use anyhow::bail;
use clap::Args;
use portico_domain::identity::ProviderId;
use portico_plugins::{BUILT_IN, known, remove};
use serde_json::json;

use super::{JsonFlag, agreed, say};
use crate::config::Config;

/// What can be said to it.
#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The id of the plug-in, as `portico provider list` shows it
    #[arg(value_parser = provider_id)]
    name: ProviderId,
    /// Remove it without asking back
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    json: JsonFlag,
}

/// A name that is none is wrong usage, and no plug-in that is missing.
fn provider_id(text: &str) -> Result<ProviderId, String> {
    ProviderId::parse(text).map_err(|error| error.to_string())
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let (folder, id) = (&config.plugins.folder, &arguments.name);
    let there = known(folder, id)?;
    let place = folder.display();
    if !there.file && !there.grant {
        bail!(
            "there is no plug-in {id} in {place}, and nothing is granted to it: \
             `portico provider list` shows those that are"
        );
    }
    if !arguments.yes {
        if arguments.json.json {
            bail!("nobody is asked where the answer is JSON: say --yes");
        }
        say(&format!("{id} is removed from {place}. {ENDS}\n"))?;
        if !agreed("Remove it?")? {
            bail!("nothing was removed");
        }
    }
    let removed = remove(folder, id)?;
    if arguments.json.json {
        let said = json!({"id": id.as_str(), "file": removed.file, "grant": removed.grant});
        return say(&format!("{said:#}\n"));
    }
    let what = match (removed.file, removed.grant) {
        (true, true) => "Its file and what was granted to it are",
        (true, false) => "Its file is",
        _ => "What was granted to it is",
    };
    let built_in = if BUILT_IN.contains(&id.as_str()) {
        " The provider of its name that is built in takes its place again."
    } else {
        ""
    };
    say(&format!("Removed. {what} gone from {place}. {ENDS}{built_in}\n"))
}

/// What it means to people.
const ENDS: &str = "A running Portico offers it no more, and the sessions of the people who signed in \
                    with it end with their next request.";
