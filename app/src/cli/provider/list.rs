//! `portico provider list`: what is built in and the plug-ins in the folder, as Portico would offer them
//! now, and whether people could sign in with them.

use std::collections::BTreeMap;

use clap::Args;
use portico_domain::{identity::ProviderId, text::sentence};
use portico_plugins::{State, Status};
use serde_json::json;

use super::{JsonFlag, say};
use crate::{
    compose::{Checks, built_in, manager},
    config::Config,
};

/// What can be said to it.
#[derive(Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    json: JsonFlag,
    /// Ask no identity provider whether people can sign in now
    #[arg(long)]
    offline: bool,
}

#[tokio::main]
pub(super) async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let mut manager = manager(config, built_in(config)?)?;
    let plugins = manager.look().await.unwrap_or_default();
    let mut statuses = manager.built_in();
    statuses.retain(|own| !plugins.iter().any(|it| it.id == own.id && it.state == State::Offered));
    statuses.extend(plugins);
    let folder = config.plugins.folder.display().to_string();
    statuses.iter_mut().for_each(|status| note_serving(status, &folder));
    if !arguments.offline {
        note_failing(&mut statuses, Checks::of(&manager).once().await);
    }
    if arguments.json.json {
        let shown: Vec<_> = statuses.iter().map(view).collect();
        return say(&format!("{:#}\n", json!(shown)));
    }
    if statuses.is_empty() {
        return say(&format!(
            "There is no plug-in in {}. `portico provider add FILE` adds one.\n",
            config.plugins.folder.display()
        ));
    }
    let mut text = String::new();
    for status in &statuses {
        let version = status.version.as_deref().unwrap_or("-");
        let (word, why) = words(&status.state);
        text += &format!("{:<16} {version:<12} {word}\n", status.id);
        if let Some(why) = why {
            text += &format!("    {why}\n");
        }
    }
    say(&text)
}

/// What this command reads from the files a Portico that runs may know better: where something new
/// cannot be loaded, it goes on with what it had loaded before.
fn note_serving(status: &mut Status, folder: &str) {
    let State::NotOffered(why) = &mut status.state else { return };
    if status.id == folder {
        *why += " A running Portico goes on serving what it had loaded before, until it is started \
                 again.";
    } else if status.version.is_some() {
        // It was granted.
        *why += " A running Portico that had loaded it before goes on serving that version, until it \
                 is started again.";
    }
}

/// Puts what keeps people from signing in with a provider where nothing keeps it from being offered.
fn note_failing(statuses: &mut [Status], failing: BTreeMap<ProviderId, String>) {
    for status in statuses.iter_mut().filter(|status| status.state == State::Offered) {
        let id = ProviderId::parse(&status.id).ok();
        if let Some(why) = id.and_then(|id| failing.get(&id)) {
            status.state =
                State::Failing(sentence(&format!("people cannot sign in with it now: {why}")));
        }
    }
}

fn view(status: &Status) -> serde_json::Value {
    let (word, why) = words(&status.state);
    json!({"id": status.id, "version": status.version, "state": word, "reason": why})
}

fn words(state: &State) -> (&'static str, Option<&str>) {
    match state {
        State::Offered => ("offered", None),
        State::Outdated(why) => ("outdated", Some(why)),
        State::NotOffered(why) => ("not-offered", Some(why)),
        State::Loading { .. } => ("loading", None),
        State::Failing(why) => ("failing", Some(why)),
    }
}
