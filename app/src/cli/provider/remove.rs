//! `portico provider remove`: revokes the grant of a plug-in and removes its file.

use anyhow::bail;
use clap::Args;
use portico_domain::identity::ProviderId;
use portico_plugins::{BUILT_IN, known, remove};
use serde_json::json;

use super::{JsonFlag, confirm, print};
use crate::config::Config;

const CONSEQUENCES: &str = "A running Portico stops offering it, and the sessions of people who signed \
                            in with it end with their next request.";

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// Id of the plug-in, as shown by `portico provider list`
    #[arg(value_parser = provider_id)]
    name: ProviderId,
    /// Skip the confirmation prompt
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    json: JsonFlag,
}

/// A malformed id is wrong usage (exit code 2), not a missing plug-in.
fn provider_id(text: &str) -> Result<ProviderId, String> {
    ProviderId::parse(text).map_err(|error| error.to_string())
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let (folder, id) = (&config.plugins.folder, &arguments.name);
    let found = known(folder, id)?;
    let shown_folder = folder.display();
    if !found.file && !found.grant {
        bail!(
            "plug-in {id} not found in {shown_folder}: `portico provider list` shows the plug-ins \
             there"
        );
    }
    if !arguments.yes {
        if arguments.json.json {
            bail!("--json does not prompt for confirmation: add --yes");
        }
        print(&format!("{id} will be removed from {shown_folder}. {CONSEQUENCES}\n"))?;
        if !confirm("Remove it?")? {
            bail!("cancelled: nothing was removed");
        }
    }
    let removed = remove(folder, id)?;
    if arguments.json.json {
        let result = json!({"id": id.as_str(), "file": removed.file, "grant": removed.grant});
        return print(&format!("{result:#}\n"));
    }
    let parts = match (removed.file, removed.grant) {
        (true, true) => "the file and the grant",
        (true, false) => "the file",
        _ => "the grant",
    };
    let built_in = match BUILT_IN.contains(&id.as_str()) {
        true => format!(" The built-in provider {id} is used again."),
        false => String::new(),
    };
    print(&format!("Removed {parts} of {id} from {shown_folder}. {CONSEQUENCES}{built_in}\n"))
}
