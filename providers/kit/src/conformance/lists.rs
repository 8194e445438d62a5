//! Does it list, and ask only for what it may?

use portico_domain::provider::Request;

use super::{
    bench::{AS_THEY_ARE, Bench},
    fit,
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
        look: |bench| Box::pin(listed(bench)),
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
        name: "replays-its-tape",
        sentence: "it lists from a tape as it did then",
        remedy: "mend the provider, or record the tape anew where the change is meant",
        needs_provider: true,
        look: |bench| Box::pin(replays(bench)),
    },
];

async fn listed(bench: &Bench<'_>) -> Seen {
    if !bench.fixtures.has_replies() {
        return Seen::Nothing(format!("{} holds no replies", bench.fixtures.name));
    }
    let listing = match &bench.plain.end {
        End::Done(listing) => listing,
        End::Failed(problem) => return Seen::Bad(format!("it lists nothing: {problem}")),
        End::Endless => return Seen::Bad("it goes on asking without end".into()),
    };
    if let Some(warning) = listing.warnings.first() {
        return Seen::Bad(format!("it warns: {warning}"));
    }
    let count = listing.subscriptions.len();
    if count == 0 {
        return Seen::Bad("it lists nothing".into());
    }
    Seen::of(fit::complaint(bench, listing).await, format!("it lists {count}"))
}

async fn granted(bench: &Bench<'_>) -> Seen {
    let empty = bench.list(&|_, _, _| reply(200, "{}"), AS_THEY_ARE).await;
    let asked: Vec<_> = bench.plain.requests().chain(empty.requests()).collect();
    let descriptor = bench.descriptor();
    let denied = asked.iter().find(|request| !is_permitted(descriptor, request));
    let words = |request: &&Request| {
        let grant = request.credential.as_ref().map_or("none", |it| it.grant.as_str());
        format!("{} {} (under the permission {grant})", verb(request.method), request.url)
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
