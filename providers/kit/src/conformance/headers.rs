//! Do its requests and the replies it reads have only the headers that the host lets pass, and does
//! it wait no longer than there is time?

use std::collections::BTreeSet;

use portico_domain::{
    listing::ListingBudget,
    provider::{Reply, Request, headers::may_be_read},
};

use super::{
    bench::{AS_THEY_ARE, Bench},
    rule::{Rule, Seen},
    survives::complaint,
};
use crate::{
    drive::{Driven, Outcome},
    host::{covering_permission, header_complaint, read_under},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "sends-headers-of-its-own",
        sentence: "its requests carry only headers that the host or their permission lets pass, and \
                   no two of a step one number",
        remedy: "name the header in `request-headers` of the permission; leave Host, Authorization \
                 and Cookie to the host; number the requests of a step apart",
        needs_provider: true,
        look: |bench| Box::pin(async { Seen::of(sent(bench), "every request is its own") }),
    },
    Rule {
        name: "declares-the-headers-it-reads",
        sentence: "every header of the fixtures' replies is one that the provider is handed",
        remedy: "name the header in `reply-headers` of the permission, or take it out of the \
                 fixtures: a list that is paged by it would end after its first page",
        needs_provider: true,
        look: |bench| Box::pin(async { read(bench) }),
    },
    Rule {
        name: "waits-within-the-budget",
        sentence: "a cloud that always says Retry-After does not make it wait longer than a listing has",
        remedy: "wait for a few seconds and a few times, then end with a warning; leave a date or a \
                 long time alone",
        needs_provider: true,
        look: |bench| Box::pin(waits(bench)),
    },
];

fn sent(bench: &Bench<'_>) -> Option<String> {
    bench.plain.steps.iter().find_map(|step| {
        let mut numbers = BTreeSet::new();
        step.exchanges.iter().find_map(|(request, _)| {
            if !numbers.insert(request.id) {
                return Some(format!("two requests of a step have the number {}", request.id));
            }
            header_complaint(&request.headers, covering_permission(bench.descriptor(), request))
        })
    })
}

fn read(bench: &Bench<'_>) -> Seen {
    if !bench.fixtures.has_replies() {
        return Seen::Nothing(format!("{} holds no replies", bench.fixtures.name));
    }
    let lost = bench.plain.requests().find_map(|request| {
        let headers = bench.fixtures.reply(request).ok()?.headers;
        let permission = covering_permission(bench.descriptor(), request);
        let declared = read_under(permission);
        let (name, _) = headers.into_iter().find(|(name, _)| !may_be_read(name, declared))?;
        Some(format!("the reply to {} has {name}, which it never reads", request.url))
    });
    Seen::of(lost, "every header is handed over")
}

async fn waits(bench: &Bench<'_>) -> Seen {
    for after in ["0", "1", "10", "86400", "99999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"]
    {
        for status in [429, 503] {
            let busy = |_: usize, _: &Request, _: Outcome| {
                let headers = vec![("retry-after".to_owned(), after.to_owned())];
                Ok(Reply { status, headers, body: String::new() })
            };
            let driven = bench.list(&busy, AS_THEY_ARE).await;
            let found = match complaint(&driven) {
                Some(complaint) => Some(complaint),
                None => too_long(&driven),
            };
            if let Some(why) = found {
                return Seen::Bad(format!("status {status} with Retry-After: {after}: {why}"));
            }
        }
    }
    Seen::Good("it ends in time".into())
}

fn too_long(driven: &Driven) -> Option<String> {
    let longest = driven.steps.iter().map(|step| step.wait).max().unwrap_or_default();
    let most = ListingBudget::default().time;
    let (longest, most) = (longest.as_secs(), most.as_secs());
    (longest > most).then(|| format!("it waits {longest} seconds, and a listing has {most}"))
}
