//! Refusals, failures, and responses that come otherwise than they were asked for.

use portico_domain::provider::{FetchError, Request, Response};

use super::{
    super::{
        bench::{AS_THEY_ARE, Bench},
        rule::Seen,
    },
    complaint, tried,
};
use crate::{
    drive::{Deliver, Driven, End, Outcome},
    fixtures::reply,
};

/// Whether a listing that met trouble says nothing of it.
fn silent(driven: &Driven) -> Option<String> {
    match &driven.end {
        End::Done(listing) if listing.warnings.is_empty() && driven.requests().next().is_some() => {
            Some("the listing ends without a warning".into())
        }
        _ => None,
    }
}

/// Every request answered so, and each alone; each time it has to say that something is missing.
async fn troubled(bench: &Bench<'_>, what: &str, trouble: &Outcome) -> Option<String> {
    let places = bench.bodies().len();
    for place in (0..places).map(Some).chain([None]) {
        let change = |number, _: &Request, good| {
            if place.is_none_or(|place| place == number) { trouble.clone() } else { good }
        };
        let driven = bench.list(&change, AS_THEY_ARE).await;
        let complaint = complaint(&driven).or_else(|| silent(&driven));
        if let Some(why) = complaint {
            return Some(format!("{what}: {why}"));
        }
    }
    None
}

pub(super) async fn refusals(bench: &Bench<'_>) -> Seen {
    let statuses = [401, 403, 404, 429, 500, 503, 302, 418];
    for status in statuses {
        for body in ["", "{}", r#"{"error":{"code":"Denied","message":"no"}}"#] {
            let what = format!("status {status} with the body {body:?}");
            if let Some(complaint) = troubled(bench, &what, &reply(status, body)).await {
                return Seen::Bad(complaint);
            }
        }
    }
    Seen::Good(format!("{} statuses", statuses.len()))
}

pub(super) async fn failures(bench: &Bench<'_>) -> Seen {
    let errors = [
        FetchError::NotGranted,
        FetchError::NoToken,
        FetchError::TimedOut,
        FetchError::TooLarge,
        FetchError::Unreachable,
        FetchError::BudgetSpent,
        FetchError::Refused,
    ];
    for error in errors {
        if let Some(complaint) = troubled(bench, &error.to_string(), &Err(error)).await {
            return Seen::Bad(complaint);
        }
    }
    Seen::Good(format!("{} reasons", errors.len()))
}

pub(super) async fn reordered(bench: &Bench<'_>) -> Seen {
    if bench.plain.steps.iter().all(|step| step.exchanges.len() < 2) {
        return Seen::Nothing("no step asks for two things side by side".into());
    }
    let backwards: Deliver = |mut responses| {
        responses.reverse();
        responses
    };
    let driven = bench.list(&|_, _, good| good, backwards).await;
    let differs = driven.end != bench.plain.end || driven.steps != bench.plain.steps;
    Seen::of(differs.then(|| "backwards it lists something else".into()), "backwards the same")
}

pub(super) async fn odd_responses(bench: &Bench<'_>) -> Seen {
    let odd: [(&str, Deliver); 4] = [
        ("no response at all", |_| vec![]),
        ("the first response missing", |responses| responses.into_iter().skip(1).collect()),
        ("every response twice", |responses| {
            responses.iter().flat_map(|it| [it.clone(), it.clone()]).collect()
        }),
        ("a response to a request that was not made", |mut responses| {
            responses.insert(0, Response { id: 4_000_000_000, outcome: reply(200, "{}") });
            responses
        }),
    ];
    for (what, deliver) in odd {
        if let Some(complaint) = tried(bench, what, &|_, _, good| good, deliver).await {
            return Seen::Bad(complaint);
        }
    }
    Seen::Good(format!("{} odd sets of responses", odd.len()))
}
