//! Refusals, failed fetches, and responses that do not match the requests.

use portico_domain::provider::{Capability, FetchError, Request, Response, TokenRefusal};

use super::{
    super::{context::CheckContext, rule::Finding},
    broken_by, broken_rule,
};
use crate::{
    fixtures::reply,
    host::{Deliver, FetchResult, HostedListing, ListingOutcome, UNCHANGED},
};

/// The violation of a listing that ends without a warning although a request failed.
fn missing_warning(hosted: &HostedListing) -> Option<String> {
    match &hosted.outcome {
        // A tenant that says why it was not listed is as good as a warning: Portico makes one of it.
        ListingOutcome::Done(listing)
            if listing.warnings.is_empty()
                && listing.tenants.iter().all(|tenant| tenant.reason.is_none())
                && hosted.requests().next().is_some() =>
        {
            Some("the listing ends without a warning".into())
        }
        _ => None,
    }
}

/// Gives `failure` as the result of each request alone, and then of all.
async fn failing(context: &CheckContext<'_>, what: &str, failure: &FetchResult) -> Option<String> {
    let count = context.bodies().len();
    for failing in (0..count).map(Some).chain([None]) {
        let change = |index, _: &Request, original| {
            if failing.is_none_or(|failing| failing == index) { failure.clone() } else { original }
        };
        let hosted = context.list(&change, UNCHANGED).await;
        if let Some(why) = broken_rule(&hosted).or_else(|| missing_warning(&hosted)) {
            return Some(format!("{what}: {why}"));
        }
    }
    None
}

pub(super) async fn refusals(context: &CheckContext<'_>) -> Finding {
    let statuses = [401, 403, 404, 429, 500, 503, 302, 418];
    for status in statuses {
        for body in ["", "{}", r#"{"error":{"code":"Denied","message":"no"}}"#] {
            let what = format!("status {status} with the body {body:?}");
            if let Some(violation) = failing(context, &what, &reply(status, body)).await {
                return Finding::Failed(violation);
            }
        }
    }
    Finding::Passed(format!("{} statuses", statuses.len()))
}

pub(super) async fn failures(context: &CheckContext<'_>) -> Finding {
    let mut errors = vec![
        FetchError::NotGranted,
        FetchError::NoToken,
        FetchError::TimedOut,
        FetchError::TooLarge,
        FetchError::Unreachable,
        FetchError::BudgetSpent,
        FetchError::Refused,
    ];
    let uses_tenants = |it: &Capability| it.kind == Capability::TENANTS;
    if context.descriptor().capabilities.iter().any(uses_tenants) {
        errors.extend(refusals_of_tokens());
    }
    for error in &errors {
        if let Some(violation) = failing(context, &error.to_string(), &Err(error.clone())).await {
            return Finding::Failed(violation);
        }
    }
    Finding::Passed(format!("{} reasons", errors.len()))
}

/// What an identity provider may answer for a token in another tenant: what the person can mend, what
/// nobody can, and a code that nobody has heard of.
fn refusals_of_tokens() -> impl Iterator<Item = FetchError> {
    let claims = Some(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#.to_owned());
    let cases = [
        ("interaction_required", Some("basic_action"), claims),
        ("invalid_grant", Some("consent_required"), None),
        ("invalid_client", None, None),
        ("invalid_grant", None, None),
        ("made_up", Some("made_up"), None),
    ];
    cases.into_iter().map(|(error, suberror, claims)| {
        let suberror = suberror.map(str::to_owned);
        let refusal = TokenRefusal { error: error.into(), suberror, claims, numbers: vec![] };
        FetchError::TokenRefused(Box::new(refusal))
    })
}

pub(super) async fn reordered(context: &CheckContext<'_>) -> Finding {
    if context.baseline.steps.iter().all(|step| step.exchanges.len() < 2) {
        return Finding::Skipped("no step has two requests".into());
    }
    let reversed: Deliver = |mut responses| {
        responses.reverse();
        responses
    };
    let hosted = context.list(&|_, _, original| original, reversed).await;
    let baseline = &context.baseline;
    let differs = hosted.outcome != baseline.outcome || hosted.steps != baseline.steps;
    let violation = differs.then(|| "in reverse order the listing is different".into());
    Finding::of(violation, "the same in reverse order")
}

pub(super) async fn unexpected_responses(context: &CheckContext<'_>) -> Finding {
    let cases: [(&str, Deliver); 4] = [
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
    for (what, deliver) in cases {
        let violation = broken_by(context, what, &|_, _, original| original, deliver).await;
        if let Some(violation) = violation {
            return Finding::Failed(violation);
        }
    }
    Finding::Passed(format!("{} unexpected sets of responses", cases.len()))
}
