//! Robustness: whatever a cloud replies, a provider may list less, warn, or return a problem. It must
//! not trap, break a rule of the host, or run without end.

mod bodies;
mod responses;

use portico_domain::provider::CallError;

use self::{
    bodies::{every_reply, hostile, huge, mutated_bodies, ten_thousand_entries},
    responses::{failures, refusals, reordered, unexpected_responses},
};
use super::{
    context::{ChangeReply, CheckContext},
    mutate,
    rule::Rule,
};
use crate::host::{Deliver, HostedListing, ListingOutcome};

macro_rules! survives {
    ($name:literal, $sentence:literal, $remedy:literal, $check:expr) => {
        Rule {
            name: $name,
            sentence: $sentence,
            remedy: $remedy,
            needs_provider: true,
            run: |context| Box::pin(async move { $check(context).await }),
        }
    };
}

pub(super) const RULES: &[Rule] = &[
    survives!(
        "survives-empty-replies",
        "a reply that is empty, {}, [], null or not JSON does not break it",
        "expect that a body has no entries, and warn of what is missing",
        |context| every_reply(
            context,
            &["", "{}", "[]", "null", "0", "<html>", "{\"a\":", "\u{feff}{}"]
        )
    ),
    survives!(
        "survives-missing-fields",
        "a reply that lacks any one member or entry does not break it",
        "skip an entry without an id, and show the id of one without a name",
        |context| mutated_bodies(context, mutate::without_one)
    ),
    survives!(
        "survives-other-types",
        "a reply with another type at any one place does not break it",
        "check the type of each member before it is used",
        |context| mutated_bodies(context, mutate::of_another_type)
    ),
    survives!(
        "survives-cut-replies",
        "a truncated reply does not break it",
        "treat a body that is not JSON as a missing page, and warn",
        |context| mutated_bodies(context, |body| mutate::truncated(&body.to_string()))
    ),
    survives!(
        "survives-huge-replies",
        "a reply of 1 MiB, or with a text of 1 MiB, does not break it",
        "limit the length of names and ids before they are stored",
        huge
    ),
    survives!(
        "survives-ten-thousand-entries",
        "10,000 entries are listed, or fewer with a warning",
        "use a set or a map to find duplicate ids, and stop at 10,000 with a warning",
        ten_thousand_entries
    ),
    survives!(
        "survives-hostile-replies",
        "control characters, markup and deep nesting do not break it and are in no id",
        "skip ids that are not plain visible text, and clean names with the SDK's `clean`",
        hostile
    ),
    survives!(
        "survives-refusals",
        "the statuses 401, 403, 404, 429, 500 and unusual ones do not break it, and it warns",
        "check the status first; end with a warning of what is missing and what to do, or a problem",
        refusals
    ),
    survives!(
        "survives-failed-fetches",
        "a request without a reply does not break it, and it warns",
        "end with a warning of what is missing and what to do, or a problem",
        failures
    ),
    survives!(
        "survives-reordered-responses",
        "responses in another order give the same listing",
        "find each response by the id of its request",
        reordered
    ),
    survives!(
        "survives-missing-or-doubled-responses",
        "responses that are missing, duplicated or of no request do not break it",
        "treat a request without a response as failed, and ignore a response to no request",
        unexpected_responses
    ),
];

/// Runs a listing with changed replies or responses. Returns the rule that the provider broke, after
/// `what`, which describes the change.
async fn broken_by(
    context: &CheckContext<'_>,
    what: &str,
    change: ChangeReply<'_>,
    deliver: Deliver,
) -> Option<String> {
    let hosted = context.list(change, deliver).await;
    broken_rule(&hosted).map(|why| format!("{what}: {why}"))
}

/// The rule of the host that a listing broke.
pub(super) fn broken_rule(hosted: &HostedListing) -> Option<String> {
    match &hosted.outcome {
        ListingOutcome::Failed(CallError::Broken(why)) => Some(format!("it broke: {why}")),
        ListingOutcome::Failed(_) | ListingOutcome::Done(_) => None,
    }
}
