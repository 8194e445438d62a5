//! Does it survive whatever a cloud answers? It may list less, warn, or say a problem; it may not
//! break, list what cannot be shown, or go on without end.

mod bodies;
mod responses;

use portico_domain::provider::{CallError, Request};

use self::{
    bodies::{every_reply, hostile, huge, ten_thousand, worse_bodies},
    responses::{failures, odd_responses, refusals, reordered},
};
use super::{bench::Bench, mutate, rule::Rule};
use crate::drive::{Deliver, Driven, End, Outcome};

macro_rules! survives {
    ($name:literal, $sentence:literal, $remedy:literal, $look:expr) => {
        Rule {
            name: $name,
            sentence: $sentence,
            remedy: $remedy,
            needs_provider: true,
            look: |bench| Box::pin(async move { $look(bench).await }),
        }
    };
}

pub(super) const RULES: &[Rule] = &[
    survives!(
        "survives-empty-replies",
        "a reply of nothing, {}, [], null or no JSON does not break it",
        "read a body as something that may hold nothing, and warn of what is missing",
        |bench| every_reply(
            bench,
            &["", "{}", "[]", "null", "0", "<html>", "{\"a\":", "\u{feff}{}"]
        )
    ),
    survives!(
        "survives-missing-fields",
        "a reply that lacks any one member or entry does not break it",
        "pass over an entry without an id, and show the id of one without a name",
        |bench| worse_bodies(bench, mutate::without_one)
    ),
    survives!(
        "survives-other-types",
        "a reply with another type at any one place does not break it",
        "check the type of each member before it is used",
        |bench| worse_bodies(bench, mutate::of_another_type)
    ),
    survives!(
        "survives-cut-replies",
        "a reply that was cut off does not break it",
        "treat a body that is no JSON as a page that did not come, and warn",
        |bench| worse_bodies(bench, |body| mutate::truncated(&body.to_string()))
    ),
    survives!(
        "survives-huge-replies",
        "a reply of 1 MiB, and a text of 1 MiB within one, does not break it",
        "bound names and ids by their length before they are kept",
        huge
    ),
    survives!(
        "survives-ten-thousand-entries",
        "a listing of 10,000 entries is listed, or cut with a warning",
        "keep what is listed in something that finds an id fast, and stop at 10,000 with a warning",
        ten_thousand
    ),
    survives!(
        "survives-hostile-replies",
        "control characters, markup and deep nesting do not break it, nor stand in an id",
        "pass over ids that are not plain visible text, and clean names with the SDK's `clean`",
        hostile
    ),
    survives!(
        "survives-refusals",
        "the statuses 401, 403, 404, 429, 500 and odd ones do not break it, and it says what is missing",
        "look at the status first; end with a warning of what is missing and what to do, or a problem",
        refusals
    ),
    survives!(
        "survives-failed-fetches",
        "a request that brought no reply does not break it, and it says what is missing",
        "end with a warning of what is missing and what to do, or a problem",
        failures
    ),
    survives!(
        "survives-reordered-responses",
        "responses in another order list the same",
        "find each response by the number of its request",
        reordered
    ),
    survives!(
        "survives-missing-or-doubled-responses",
        "responses that are missing, doubled or of no request do not break it",
        "treat a request without a response as one that failed, and pass over what was not asked for",
        odd_responses
    ),
];

/// Lists with a change and gives the first complaint.
async fn tried(
    bench: &Bench<'_>,
    what: &str,
    change: &(dyn Fn(usize, &Request, Outcome) -> Outcome + Send + Sync),
    deliver: Deliver,
) -> Option<String> {
    let driven = bench.list(change, deliver).await;
    complaint(&driven).map(|why| format!("{what}: {why}"))
}

/// What the host would say of a listing.
pub(super) fn complaint(driven: &Driven) -> Option<String> {
    match &driven.end {
        End::Failed(CallError::Broken(why)) => Some(format!("it broke: {why}")),
        End::Failed(_) | End::Done(_) => None,
    }
}
