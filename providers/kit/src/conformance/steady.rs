//! Does it answer the same the second time, and in another instance?

use std::sync::Arc;

use portico_domain::{ports::CloudProvider, provider::Request};

use super::{
    bench::{AS_THEY_ARE, Bench},
    rule::{Rule, Seen},
};
use crate::drive::{drive, guarded};

pub(super) const RULES: &[Rule] = &[Rule {
    name: "is-deterministic",
    sentence: "the same settings, person and replies give the same requests and the same list, again and anew",
    remedy: "take clocks, randomness, counters and anything kept between listings out: a listing must \
             depend on its inputs alone, in their order",
    needs_provider: true,
    look: |bench| Box::pin(steady(bench)),
}];

async fn steady(bench: &Bench<'_>) -> Seen {
    let Ok(same) = &bench.configured else { return Seen::Nothing("not configured".into()) };
    if let Some(what) = differs(bench, same, "the second time").await {
        return Seen::Bad(what);
    }
    match guarded(bench.factory.configure(&bench.fixtures.settings)).await {
        Ok(fresh) => {
            Seen::of(differs(bench, &fresh, "in a fresh instance").await, "three times the same")
        }
        Err(problem) => Seen::Bad(format!("a second instance could not be configured: {problem}")),
    }
}

async fn differs(bench: &Bench<'_>, other: &Arc<dyn CloudProvider>, when: &str) -> Option<String> {
    if other.descriptor() != bench.descriptor() {
        return Some(format!("it describes itself otherwise {when}"));
    }
    let answer = |_, request: &Request| bench.fixtures.reply(request);
    let again = drive(&**other, &bench.person, &answer, AS_THEY_ARE).await;
    if again.steps != bench.plain.steps {
        return Some(format!("it asks for something else {when}"));
    }
    (again.end != bench.plain.end).then(|| format!("it lists something else {when}"))
}
