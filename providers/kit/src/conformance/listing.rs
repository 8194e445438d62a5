//! The listing: whether it lists the fixtures within its permissions and the rules of the host.

use portico_domain::provider::{CallError, Request};

use super::{
    context::CheckContext,
    rule::{Finding, Rule},
};
use crate::{
    fixtures::reply,
    host::{ListingOutcome, UNCHANGED},
    permission::is_permitted,
    replay::replay,
    tape::method_name,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "lists-the-fixtures",
        sentence: "with the fixtures' replies it lists something, without a warning",
        remedy: "put a reply to each of its requests into the fixtures (a request without one gets \
                 status 404), or correct how the provider reads them",
        needs_provider: true,
        run: |context| Box::pin(async { lists(context) }),
    },
    Rule {
        name: "asks-only-for-what-is-permitted",
        sentence: "every request is covered by the permission it names, or by any if it names none",
        remedy: "add host, path and method to the permission, or name the right one: the host \
                 refuses the request",
        needs_provider: true,
        run: |context| Box::pin(permitted(context)),
    },
    Rule {
        name: "is-refused-nothing",
        sentence: "with the fixtures' replies the host refuses no request, withholds no reply and \
                   accepts the listing",
        remedy: "correct what is named: a request needs a permission and headers that cover it, and \
                 must not use the person's token in another tenant; a step has at most 500 requests, \
                 a reply 1 MiB, a listing 500 requests, 32 MiB and 20 seconds; a header that leads to \
                 the next page must be in `reply-headers`",
        needs_provider: true,
        run: |context| Box::pin(async { accepted(context) }),
    },
    Rule {
        name: "replays-its-tape",
        sentence: "it does with a tape what it did when the tape was recorded",
        remedy: "correct the provider, or record the tape again if the change is intended",
        needs_provider: true,
        run: |context| Box::pin(replays(context)),
    },
];

fn lists(context: &CheckContext<'_>) -> Finding {
    if !context.fixtures.has_replies() {
        return Finding::no_replies(context);
    }
    let listing = match &context.baseline.outcome {
        ListingOutcome::Done(listing) => listing,
        ListingOutcome::Failed(error) => {
            return Finding::Failed(format!("it lists nothing: {error}"));
        }
    };
    if let Some(warning) = listing.warnings.first() {
        return Finding::Failed(format!("it warns: {warning}"));
    }
    let count = listing.subscriptions.len();
    if count == 0 {
        return Finding::Failed("it lists nothing".into());
    }
    Finding::Passed(format!("it lists {count}"))
}

fn accepted(context: &CheckContext<'_>) -> Finding {
    if let ListingOutcome::Failed(CallError::Broken(why)) = &context.baseline.outcome {
        return Finding::Failed(why.clone());
    }
    let refusal = context.baseline.refusals.first();
    let refusal = refusal.map(|incident| format!("{}: {}", incident.what, incident.why));
    // An incident without a request has an empty `what`.
    let refusal = refusal.map(|text| text.trim_start_matches([':', ' ']).to_owned());
    Finding::of(refusal, "the host refuses nothing")
}

async fn permitted(context: &CheckContext<'_>) -> Finding {
    let empty = context.list(&|_, _, _| reply(200, "{}"), UNCHANGED).await;
    let requests: Vec<_> = context.baseline.requests().chain(empty.requests()).collect();
    let descriptor = context.descriptor();
    let refused = requests.iter().find(|request| !is_permitted(descriptor, request));
    let describe = |request: &&Request| {
        let permission = request.credential.as_ref().map_or("none", |it| it.permission.as_str());
        let method = method_name(request.method);
        format!("{method} {} (under the permission {permission})", request.url)
    };
    Finding::of(refused.map(describe), format!("{} requests", requests.len()))
}

async fn replays(context: &CheckContext<'_>) -> Finding {
    let (Some(tape), Ok(provider)) = (&context.fixtures.tape, &context.configured) else {
        return Finding::Skipped(format!("{} is not a tape", context.fixtures.name));
    };
    let replayed = replay(tape, &**provider).await;
    Finding::of(replayed.first_difference().map(str::to_owned), "the same listing")
}
