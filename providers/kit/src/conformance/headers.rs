//! Headers: which ones requests carry and replies need, and how long a provider waits for `Retry-After`.

use std::collections::BTreeSet;

use portico_domain::{
    listing::ListingBudget,
    provider::{Reply, Request, headers::may_be_read},
};

use super::{
    context::CheckContext,
    rule::{Finding, Rule},
    survives::broken_rule,
};
use crate::{
    host::{FetchResult, HostedListing, UNCHANGED},
    permission::{covering_permission, declared_reply_headers, refused_header},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "sends-headers-of-its-own",
        sentence: "its requests carry only headers that the host or their permission allows, and the \
                   requests of a step have different ids",
        remedy: "name the header in `request-headers` of the permission; leave Host, Authorization \
                 and Cookie to the host; give each request of a step its own id",
        needs_provider: true,
        run: |context| {
            Box::pin(async { Finding::of(refused_request(context), "every request is allowed") })
        },
    },
    Rule {
        name: "declares-the-headers-it-reads",
        sentence: "the provider gets every header of the fixtures' replies",
        remedy: "name the header in `reply-headers` of the permission, or remove it from the \
                 fixtures: a list that is paged by it would end after its first page",
        needs_provider: true,
        run: |context| Box::pin(async { headers_read(context) }),
    },
    Rule {
        name: "waits-within-the-budget",
        sentence: "a cloud that always replies with Retry-After does not make it wait longer than a \
                   listing may take",
        remedy: "wait for a few seconds and a few times, then end with a warning; ignore a date or a \
                 long time",
        needs_provider: true,
        run: |context| Box::pin(waits(context)),
    },
];

fn refused_request(context: &CheckContext<'_>) -> Option<String> {
    context.baseline.steps.iter().find_map(|step| {
        let mut ids = BTreeSet::new();
        step.exchanges.iter().find_map(|(request, _)| {
            if !ids.insert(request.id) {
                return Some(format!("two requests of a step have the id {}", request.id));
            }
            refused_header(&request.headers, covering_permission(context.descriptor(), request))
        })
    })
}

fn headers_read(context: &CheckContext<'_>) -> Finding {
    if !context.fixtures.has_replies() {
        return Finding::no_replies(context);
    }
    let withheld = context.baseline.requests().find_map(|request| {
        let headers = context.fixtures.reply(request).ok()?.headers;
        let permission = covering_permission(context.descriptor(), request);
        let declared = declared_reply_headers(permission);
        let (name, _) = headers.into_iter().find(|(name, _)| !may_be_read(name, declared))?;
        Some(format!("the reply to {} has {name}, which the host withholds", request.url))
    });
    Finding::of(withheld, "the provider gets every header")
}

async fn waits(context: &CheckContext<'_>) -> Finding {
    for after in ["0", "1", "10", "86400", "99999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"]
    {
        for status in [429, 503] {
            let busy = |_: usize, _: &Request, _: FetchResult| {
                let headers = vec![("retry-after".to_owned(), after.to_owned())];
                Ok(Reply { status, headers, body: String::new() })
            };
            let hosted = context.list(&busy, UNCHANGED).await;
            if let Some(why) = broken_rule(&hosted).or_else(|| too_long_wait(&hosted)) {
                return Finding::Failed(format!(
                    "status {status} with Retry-After: {after}: {why}"
                ));
            }
        }
    }
    Finding::Passed("it ends in time".into())
}

fn too_long_wait(hosted: &HostedListing) -> Option<String> {
    let longest = hosted.steps.iter().map(|step| step.wait).max().unwrap_or_default();
    let (longest, limit) = (longest.as_secs(), ListingBudget::default().time.as_secs());
    (longest > limit).then(|| format!("it waits {longest} seconds, and a listing has {limit}"))
}
