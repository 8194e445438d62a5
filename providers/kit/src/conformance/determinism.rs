//! Determinism: the same inputs give the same listing, a second time and in another instance.

use std::sync::Arc;

use portico_domain::{ports::CloudProvider, provider::Request};

use super::{
    context::CheckContext,
    rule::{Finding, Rule},
};
use crate::host::{UNCHANGED, catch_panic, run_listing};

pub(super) const RULES: &[Rule] = &[Rule {
    name: "is-deterministic",
    sentence: "the same settings, person and replies give the same requests and the same listing, a \
               second time and in a second instance",
    remedy: "remove clocks, randomness, counters and any state that outlives a listing: a listing may \
             depend on nothing but its inputs, in their order",
    needs_provider: true,
    run: |context| Box::pin(deterministic(context)),
}];

async fn deterministic(context: &CheckContext<'_>) -> Finding {
    let Ok(same) = &context.configured else { return Finding::Skipped("not configured".into()) };
    if let Some(difference) = difference(context, same, "the second time").await {
        return Finding::Failed(difference);
    }
    match catch_panic(context.factory.configure(&context.fixtures.settings)).await {
        Ok(second) => {
            let difference = difference(context, &second, "in a second instance").await;
            Finding::of(difference, "three times the same")
        }
        Err(error) => {
            Finding::Failed(format!("a second instance could not be configured: {error}"))
        }
    }
}

async fn difference(
    context: &CheckContext<'_>,
    other: &Arc<dyn CloudProvider>,
    when: &str,
) -> Option<String> {
    if other.descriptor() != context.descriptor() {
        return Some(format!("its descriptor is different {when}"));
    }
    let replies = |_, request: &Request| context.fixtures.reply(request);
    let again = run_listing(&**other, &context.person, &replies, UNCHANGED).await;
    if again.steps != context.baseline.steps {
        return Some(format!("its requests are different {when}"));
    }
    (again.outcome != context.baseline.outcome).then(|| format!("its listing is different {when}"))
}
