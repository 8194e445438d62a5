//! `portico provider list`: the built-in providers and the plug-ins of the folder, as Portico would offer
//! them now, and whether people can sign in with them.

use std::collections::BTreeMap;

use clap::Args;
use portico_domain::{identity::ProviderId, text::sentence};
use portico_plugins::{State, Status};
use serde_json::json;

use super::{JsonFlag, print};
use crate::{
    compose::{Checks, built_in, manager},
    config::Config,
};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    json: JsonFlag,
    /// Skip the check whether people can sign in, and send no requests
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
    statuses.iter_mut().for_each(|status| append_still_served(status, &folder));
    if !arguments.offline {
        mark_failing(&mut statuses, Checks::of(&manager).run_once().await);
    }
    if arguments.json.json {
        let shown: Vec<_> = statuses.iter().map(view).collect();
        return print(&format!("{:#}\n", json!(shown)));
    }
    if statuses.is_empty() {
        return print(&format!(
            "No providers found in {folder}. Add one with `portico provider add FILE`.\n"
        ));
    }
    let mut text = String::new();
    for status in &statuses {
        let version = status.version.as_deref().unwrap_or("-");
        let (state, why) = state_and_reason(&status.state);
        text += &format!("{:<16} {version:<12} {state}\n", status.id);
        if let Some(why) = why {
            text += &format!("    {why}\n");
        }
    }
    print(&text)
}

/// Appends to the reason that a running Portico may still serve what it loaded before: this command
/// reads only the files.
fn append_still_served(status: &mut Status, folder: &str) {
    let State::NotOffered(why) = &mut status.state else { return };
    if status.id == folder {
        *why += " A running Portico keeps serving the plug-ins that it loaded before, until it is \
                 restarted.";
    } else if status.version.is_some() {
        // It was granted.
        *why += " A running Portico that loaded it before keeps serving that version, until it is \
                 restarted.";
    }
}

/// Sets the state of offered providers whose check failed.
fn mark_failing(statuses: &mut [Status], failing: BTreeMap<ProviderId, String>) {
    for status in statuses.iter_mut().filter(|status| status.state == State::Offered) {
        let id = ProviderId::parse(&status.id).ok();
        if let Some(why) = id.and_then(|id| failing.get(&id)) {
            status.state =
                State::Failing(sentence(&format!("people cannot sign in with it now: {why}")));
        }
    }
}

fn view(status: &Status) -> serde_json::Value {
    let (state, why) = state_and_reason(&status.state);
    json!({"id": status.id, "version": status.version, "state": state, "reason": why})
}

fn state_and_reason(state: &State) -> (&'static str, Option<&str>) {
    match state {
        State::Offered => ("offered", None),
        State::Outdated(why) => ("outdated", Some(why)),
        State::NotOffered(why) => ("not-offered", Some(why)),
        State::Loading { .. } => ("loading", None),
        State::Failing(why) => ("failing", Some(why)),
    }
}
