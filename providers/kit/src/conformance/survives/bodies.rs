//! Reply bodies that are empty, mutated, huge or hostile.

use portico_domain::provider::Request;
use serde_json::Value;

use super::{
    super::{context::CheckContext, mutate, rule::Finding},
    broken_by,
};
use crate::{
    fixtures::reply,
    host::{FetchResult, ListingOutcome, UNCHANGED},
};

/// The most mutated bodies for one rule with one set of fixtures.
const MAX_MUTATIONS: usize = 200;

/// Gives each of the bodies as the reply to every request, and to each request alone.
pub(super) async fn every_reply(context: &CheckContext<'_>, bodies: &[&str]) -> Finding {
    for body in bodies {
        let what = format!("a reply of {body:?}");
        let all = |_, _: &Request, _| reply(200, body);
        if let Some(violation) = broken_by(context, &what, &all, UNCHANGED).await {
            return Finding::Failed(violation);
        }
        for changed in 0..context.bodies().len() {
            let one = |index, _: &Request, original| {
                if index == changed { reply(200, body) } else { original }
            };
            if let Some(violation) = broken_by(context, &what, &one, UNCHANGED).await {
                return Finding::Failed(violation);
            }
        }
    }
    Finding::Passed(format!("{} bodies", bodies.len()))
}

/// Gives each mutation of each reply body, one at a time.
pub(super) async fn mutated_bodies(
    context: &CheckContext<'_>,
    mutations: impl Fn(&Value) -> Vec<(String, String)>,
) -> Finding {
    let mut tried = 0;
    for (index, body) in context.bodies().iter().enumerate() {
        let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
        for (what, mutated) in mutations(&body) {
            if tried == MAX_MUTATIONS {
                break;
            }
            tried += 1;
            let what = format!("a reply with {what}");
            if let Some(violation) = broken_by_body(context, &what, index, &mutated).await {
                return Finding::Failed(violation);
            }
        }
    }
    if tried == 0 {
        return Finding::Skipped(format!("{} holds no reply to change", context.fixtures.name));
    }
    Finding::Passed(format!("{tried} changed replies"))
}

/// As [`broken_by`], with another body in the reply to the request with this index.
async fn broken_by_body(
    context: &CheckContext<'_>,
    what: &str,
    changed: usize,
    body: &str,
) -> Option<String> {
    let change = |index, _: &Request, original: FetchResult| {
        if index != changed {
            return original;
        }
        original.map(|mut reply| {
            body.clone_into(&mut reply.body);
            reply
        })
    };
    broken_by(context, what, &change, UNCHANGED).await
}

pub(super) async fn huge(context: &CheckContext<'_>) -> Finding {
    // The host reads no more than 1 MiB.
    let megabyte = "x".repeat((1 << 20) - (16 << 10));
    let bodies = [
        megabyte.clone(),
        format!("[{}0]", "0,".repeat((1 << 19) - 2)),
        format!("{{\"a\":\"{megabyte}\"}}"),
    ];
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    // The finding contains the body; only its last part is shown.
    if let Finding::Failed(why) = every_reply(context, &bodies).await {
        let why = why.rsplit(": ").next().unwrap_or_default();
        return Finding::Failed(format!("a reply of 1 MiB: {why}"));
    }
    match mutated_bodies(context, |body| mutate::with_texts(body, &[&megabyte])).await {
        Finding::Skipped(_) => Finding::Passed("bodies of 1 MiB".into()),
        finding => finding,
    }
}

pub(super) async fn ten_thousand_entries(context: &CheckContext<'_>) -> Finding {
    let mut tried = 0;
    for (index, body) in context.bodies().iter().enumerate() {
        let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
        let Some(grown) = mutate::grown(&body, 10_000 - baseline_entries(context)) else {
            continue;
        };
        tried += 1;
        let what = "a reply of 10,000 entries";
        if let Some(violation) = broken_by_body(context, what, index, &grown).await {
            return Finding::Failed(violation);
        }
    }
    match tried {
        0 => Finding::Skipped(format!("{} holds no reply with a list", context.fixtures.name)),
        _ => Finding::Passed(format!("{tried} replies of 10,000 entries")),
    }
}

/// The number of entries that other pages may add: the host accepts 10,000 in all.
fn baseline_entries(context: &CheckContext<'_>) -> usize {
    match &context.baseline.outcome {
        ListingOutcome::Done(listing) => listing.subscriptions.len().min(5_000),
        ListingOutcome::Failed(_) => 0,
    }
}

pub(super) async fn hostile(context: &CheckContext<'_>) -> Finding {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let members = "{\"a\":".repeat(50_000) + "1" + &"}".repeat(50_000);
    if let Finding::Failed(why) = every_reply(context, &[&deep, &members]).await {
        let why = why.rsplit(": ").next().unwrap_or_default();
        return Finding::Failed(format!("a reply nested 50,000 deep: {why}"));
    }
    let texts = [
        "\u{0}\u{7}\u{1b}[31m",
        "a\r\nSet-Cookie: a=b",
        "<script>alert(1)</script>",
        "\u{202e}\u{200b}",
        "",
        " ",
        "../../x",
        "{{7*7}}",
        "%00",
        "'; --",
    ];
    match mutated_bodies(context, |body| mutate::with_texts(body, &texts)).await {
        Finding::Skipped(_) => Finding::Passed("replies nested deep".into()),
        finding => finding,
    }
}
