//! Does it list, and ask only for what it may?

use portico_domain::provider::{CallError, Request};

use super::{
    bench::{AS_THEY_ARE, Bench},
    rule::{Rule, Seen},
};
use crate::{drive::End, fixtures::reply, host::is_permitted, replay::replay, tape::said::verb};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "lists-the-fixtures",
        sentence: "with the fixtures' replies it lists something, without a warning",
        remedy: "put a reply to each of its requests into the fixtures (a request without one finds \
                 status 404), or mend how the provider reads them",
        needs_provider: true,
        look: |bench| Box::pin(async { listed(bench) }),
    },
    Rule {
        name: "asks-only-for-what-is-permitted",
        sentence: "every request is covered by the permission it names, or by any where it names none",
        remedy: "add host, path and method to the permission, or name the right one: the host \
                 refuses the request",
        needs_provider: true,
        look: |bench| Box::pin(granted(bench)),
    },
    Rule {
        name: "is-refused-nothing",
        sentence: "with the fixtures' replies the host refuses no request, withholds no reply and takes \
                   what is listed",
        remedy: "mend what is named: a request has a permission and headers that cover it, and asks for \
                 no token of the person's in another tenant; a step has at most 500 requests, a reply \
                 1 MiB, a listing 500 requests, 32 MiB and 20 seconds; what leads to the next page is \
                 named in `reply-headers`",
        needs_provider: true,
        look: |bench| Box::pin(async { refused(bench) }),
    },
    Rule {
        name: "replays-its-tape",
        sentence: "it lists from a tape as it did then",
        remedy: "mend the provider, or record the tape anew where the change is meant",
        needs_provider: true,
        look: |bench| Box::pin(replays(bench)),
    },
];

fn listed(bench: &Bench<'_>) -> Seen {
    if !bench.fixtures.has_replies() {
        return Seen::Nothing(format!("{} holds no replies", bench.fixtures.name));
    }
    let listing = match &bench.plain.end {
        End::Done(listing) => listing,
        End::Failed(problem) => return Seen::Bad(format!("it lists nothing: {problem}")),
    };
    if let Some(warning) = listing.warnings.first() {
        return Seen::Bad(format!("it warns: {warning}"));
    }
    let count = listing.subscriptions.len();
    if count == 0 {
        return Seen::Bad("it lists nothing".into());
    }
    Seen::Good(format!("it lists {count}"))
}

fn refused(bench: &Bench<'_>) -> Seen {
    if let End::Failed(CallError::Broken(why)) = &bench.plain.end {
        return Seen::Bad(why.clone());
    }
    let first = bench.plain.refusals.first();
    // What is no request has no address.
    let words = first.map(|it| format!("{}: {}", it.what, it.why));
    let words = words.map(|words| words.trim_start_matches([':', ' ']).to_owned());
    Seen::of(words, "the host refuses nothing")
}

async fn granted(bench: &Bench<'_>) -> Seen {
    let empty = bench.list(&|_, _, _| reply(200, "{}"), AS_THEY_ARE).await;
    let asked: Vec<_> = bench.plain.requests().chain(empty.requests()).collect();
    let descriptor = bench.descriptor();
    let denied = asked.iter().find(|request| !is_permitted(descriptor, request));
    let words = |request: &&Request| {
        let permission = request.credential.as_ref().map_or("none", |it| it.permission.as_str());
        format!("{} {} (under the permission {permission})", verb(request.method), request.url)
    };
    Seen::of(denied.map(words), format!("{} requests", asked.len()))
}

async fn replays(bench: &Bench<'_>) -> Seen {
    let (Some(tape), Ok(provider)) = (&bench.fixtures.tape, &bench.configured) else {
        return Seen::Nothing(format!("{} is no tape", bench.fixtures.name));
    };
    let replayed = replay(tape, &**provider).await;
    Seen::of(replayed.first_difference().map(str::to_owned), "the same listing")
}
