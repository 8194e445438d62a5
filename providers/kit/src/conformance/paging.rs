//! Paging: a list in pages ends, and its links lead to no other host.

use portico_domain::{
    listing::ListingBudget,
    provider::{Reply, Request},
};
use serde_json::Value;
use url::Url;

use super::{
    context::CheckContext,
    mutate::change_texts,
    rule::{Finding, Rule},
    survives::broken_rule,
};
use crate::host::{FetchResult, UNCHANGED};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ends-when-pages-go-round",
        sentence: "a list whose pages link to each other in a cycle ends",
        remedy: "store the pages that were requested, and end with a warning if one is linked again",
        needs_provider: true,
        run: |context| Box::pin(cycle_ends(context)),
    },
    Rule {
        name: "ends-when-pages-never-do",
        sentence: "a list in which every page links to another ends within the host's budget",
        remedy: "end with the entries so far and a warning if a request fails with budget-spent, or \
                 after a maximum number of pages",
        needs_provider: true,
        run: |context| Box::pin(endless_list_ends(context)),
    },
    Rule {
        name: "follows-no-link-elsewhere",
        sentence: "a next page on another host is not requested",
        remedy: "compare scheme, host and port of each link with those of the first request: the \
                 token is sent with the request",
        needs_provider: true,
        run: |context| Box::pin(link_elsewhere_ignored(context)),
    },
];

/// The reply with every text of its body and every address of a `Link` header changed.
fn with_texts(reply: FetchResult, change: &mut dyn FnMut(&str) -> String) -> FetchResult {
    reply.map(|Reply { status, mut headers, body }| {
        for (_, value) in &mut headers {
            *value = with_links(value, change);
        }
        let body = match serde_json::from_str::<Value>(&body) {
            Ok(mut json) => {
                change_texts(&mut json, change);
                json.to_string()
            }
            Err(_) => body,
        };
        Reply { status, headers, body }
    })
}

/// A header with every address of the form `<https://…>; rel="next"` (RFC 8288) changed.
fn with_links(header: &str, change: &mut dyn FnMut(&str) -> String) -> String {
    let mut changed = String::new();
    let mut rest = header;
    while let Some((before, (link, after))) =
        rest.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
    {
        changed += &format!("{before}<{}>", change(link));
        rest = after;
    }
    changed + rest
}

fn as_link(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Two cycles: every request gets the first reply, whose link then leads to a page that was requested;
/// and every link leads to its own page.
async fn cycle_ends(context: &CheckContext<'_>) -> Finding {
    if !context.fixtures.has_replies() {
        return Finding::no_replies(context);
    }
    let first = context.baseline.exchanges().next().map(|(_, result)| result.clone());
    let always_first = |_: usize, _: &Request, reply: FetchResult| first.clone().unwrap_or(reply);
    let link_to_itself = |_: usize, request: &Request, reply: FetchResult| {
        let own = request.url.to_string();
        with_texts(reply, &mut |text| as_link(text).map_or(text.to_owned(), |_| own.clone()))
    };
    let mut violation = None;
    for hosted in [
        context.list(&always_first, UNCHANGED).await,
        context.list(&link_to_itself, UNCHANGED).await,
    ] {
        violation = violation.or(broken_rule(&hosted));
        let count = hosted.requests().count();
        let spent = count >= ListingBudget::default().requests as usize;
        violation = violation.or(spent.then(|| format!("it made {count} requests in the cycle")));
    }
    Finding::of(violation, "the cycle ends")
}

/// Every page has the entries of the first, and a link or a cursor that was not seen before.
async fn endless_list_ends(context: &CheckContext<'_>) -> Finding {
    if !context.fixtures.has_replies() {
        return Finding::no_replies(context);
    }
    let first = context.baseline.exchanges().next().map(|(_, result)| result.clone());
    let new_link = |index: usize, _: &Request, reply: FetchResult| {
        let reply = first.clone().unwrap_or(reply);
        with_texts(reply, &mut |text| match as_link(text) {
            Some(mut url) => {
                url.query_pairs_mut().append_pair("portico-page", &index.to_string());
                url.into()
            }
            None => text.to_owned(),
        })
    };
    let new_cursor = |index: usize, _: &Request, reply: FetchResult| {
        with_cursors(first.clone().unwrap_or(reply), index)
    };
    let mut violation = None;
    for hosted in
        [context.list(&new_link, UNCHANGED).await, context.list(&new_cursor, UNCHANGED).await]
    {
        violation = violation.or(broken_rule(&hosted));
    }
    Finding::of(violation, "the list ends")
}

/// The reply with another value in every member that is named like a cursor.
fn with_cursors(reply: FetchResult, index: usize) -> FetchResult {
    fn walk(value: &mut Value, index: usize) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, value)| {
                let name = name.to_ascii_lowercase();
                let is_cursor =
                    ["next", "cursor", "token", "marker"].iter().any(|it| name.contains(it));
                match value {
                    Value::String(text) if is_cursor && as_link(text).is_none() => {
                        *text = format!("{text}{index}");
                    }
                    Value::Number(_) if is_cursor => *value = Value::from(index + 2),
                    other => walk(other, index),
                }
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, index)),
            _ => {}
        }
    }
    reply.map(|mut reply| {
        if let Ok(mut body) = serde_json::from_str::<Value>(&reply.body) {
            walk(&mut body, index);
            reply.body = body.to_string();
        }
        reply
    })
}

/// Other authorities that a comparison by prefix or suffix takes for the first.
const OTHER_AUTHORITIES: [&str; 4] =
    ["elsewhere.example", "{host}.elsewhere.example", "{host}@elsewhere.example", "{host}:8443"];

async fn link_elsewhere_ignored(context: &CheckContext<'_>) -> Finding {
    if !context.fixtures.has_replies() {
        return Finding::no_replies(context);
    }
    let known: Vec<_> = context.baseline.requests().map(|request| request.url.origin()).collect();
    for authority in OTHER_AUTHORITIES {
        let moved = |_: usize, _: &Request, reply: FetchResult| {
            with_texts(reply, &mut |text| {
                as_link(text).map_or(text.to_owned(), |url| with_authority(&url, authority))
            })
        };
        let hosted = context.list(&moved, UNCHANGED).await;
        let elsewhere = hosted.requests().find(|request| !known.contains(&request.url.origin()));
        if let Some(request) = elsewhere {
            return Finding::Failed(format!("it requests {}", request.url));
        }
        if let Some(violation) = broken_rule(&hosted) {
            return Finding::Failed(violation);
        }
    }
    Finding::Passed("no link to another host is followed".into())
}

fn with_authority(url: &Url, authority: &str) -> String {
    let host = authority.replace("{host}", url.host_str().unwrap_or_default());
    let rest = &url[url::Position::BeforePath..];
    format!("{}://{host}{rest}", url.scheme())
}
