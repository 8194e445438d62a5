//! `portico provider list`: the plug-ins in the folder, as Portico would load them now.

use serde_json::json;

use super::say;
use crate::{
    Config,
    plugins::{State, Status},
    wiring,
};

#[tokio::main]
pub(super) async fn run(config: &Config, as_json: bool) -> anyhow::Result<()> {
    let statuses = wiring::live(config, Vec::new())?.look().await.unwrap_or_default();
    if as_json {
        let shown: Vec<_> = statuses.iter().map(view).collect();
        return say(&format!("{:#}\n", json!(shown)));
    }
    if statuses.is_empty() {
        return say(&format!(
            "There is no plug-in in {}. `portico provider add FILE` adds one.\n",
            config.providers.display()
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

fn view(status: &Status) -> serde_json::Value {
    let (word, why) = words(&status.state);
    json!({"id": status.id, "version": status.version, "state": word, "reason": why})
}

fn words(state: &State) -> (&'static str, Option<&str>) {
    match state {
        State::Offered => ("offered", None),
        State::Outdated(why) => ("outdated", Some(why)),
        State::NotOffered(why) => ("not-offered", Some(why)),
    }
}
