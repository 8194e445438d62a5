//! Does it list, and ask only for what it may?

use std::collections::BTreeSet;

use portico_domain::provider::Request;

use super::{
    bench::{AS_THEY_ARE, Bench},
    fit,
    rule::{Rule, Seen},
};
use crate::{
    drive::{Driven, End, is_granted},
    fixtures::reply,
    replay::replay,
    tape::said::verb,
};

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
        name: "asks-only-for-what-is-granted",
        sentence: "every request is covered by the grant it names, or by any where it names none",
        remedy: "add host, path and method to the grant, or name the right grant: the host refuses \
                 the request",
        needs_provider: true,
        look: |bench| Box::pin(granted(bench)),
    },
    Rule {
        name: "sends-headers-of-its-own",
        sentence: "its requests carry no header that is the host's, and no two of a step one number",
        remedy: "leave Host, Authorization, Cookie and the headers of the connection to the host; \
                 number the requests of a step apart",
        needs_provider: true,
        look: |bench| {
            Box::pin(async { Seen::of(headers(&bench.plain), "every request is its own") })
        },
    },
    Rule {
        name: "replays-its-tape",
        sentence: "it answers a taped login as it did then",
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
    let denied = asked.iter().find(|request| !is_granted(descriptor, request));
    let words = |request: &&Request| {
        let grant = request.credential.as_ref().map_or("none", |it| it.grant.as_str());
        format!("{} {} (under the grant {grant})", verb(request.method), request.url)
    };
    Seen::of(denied.map(words), format!("{} requests", asked.len()))
}

fn headers(driven: &Driven) -> Option<String> {
    driven.steps.iter().find_map(|step| {
        let mut numbers = BTreeSet::new();
        step.iter().find_map(|(request, _)| {
            if !numbers.insert(request.id) {
                return Some(format!("two requests of a step have the number {}", request.id));
            }
            header_complaint(&request.headers)
        })
    })
}

const OF_THE_HOST: [&str; 14] = [
    "host",
    "authorization",
    "cookie",
    "proxy-authorization",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
    "forwarded",
    "proxy-connection",
];

/// What is wrong with these headers of a request.
pub(super) fn header_complaint(headers: &[(String, String)]) -> Option<String> {
    headers.iter().find_map(|(name, value)| {
        let lower = name.to_ascii_lowercase();
        let in_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if lower.is_empty() || !lower.bytes().all(in_name) || value.chars().any(char::is_control) {
            return Some(format!("the header {name:?}: {value:?} cannot be sent"));
        }
        let taken = OF_THE_HOST.contains(&lower.as_str()) || lower.starts_with("x-forwarded-");
        taken.then(|| format!("the header {name} is the host's"))
    })
}

async fn replays(bench: &Bench<'_>) -> Seen {
    let (Some(tape), Ok(provider)) = (&bench.fixtures.tape, &bench.configured) else {
        return Seen::Nothing(format!("{} is no tape", bench.fixtures.name));
    };
    let replayed = replay(tape, &**provider).await;
    Seen::of(replayed.first_difference().map(str::to_owned), "the same login")
}
