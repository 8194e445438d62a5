//! Does a list that comes in pages end, and stay where it began?

use portico_domain::{
    listing::ListingBudget,
    provider::{Reply, Request},
};
use serde_json::Value;
use url::Url;

use super::{
    bench::{AS_THEY_ARE, Bench},
    mutate::change_texts,
    rule::{Rule, Seen},
    survives::complaint,
};
use crate::drive::Outcome;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ends-when-pages-go-round",
        sentence: "a list whose pages name one another in a circle ends",
        remedy: "remember the pages that were asked for, and end with a warning where one comes again",
        needs_provider: true,
        look: |bench| Box::pin(circle(bench)),
    },
    Rule {
        name: "ends-when-pages-never-do",
        sentence: "a list with ever another page ends within the host's budget",
        remedy: "end with what there is, and a warning, where a request is answered budget-spent, or \
                 after a number of pages of your own",
        needs_provider: true,
        look: |bench| Box::pin(endless(bench)),
    },
    Rule {
        name: "follows-no-link-elsewhere",
        sentence: "a next page on another host is not asked for",
        remedy: "hold each link against the address that was asked first, scheme, host and port: a \
                 token goes with the request",
        needs_provider: true,
        look: |bench| Box::pin(elsewhere(bench)),
    },
];

fn nothing(bench: &Bench<'_>) -> Option<Seen> {
    let none = !bench.fixtures.has_replies();
    none.then(|| Seen::Nothing(format!("{} holds no replies", bench.fixtures.name)))
}

/// Changes every text of a good reply: those of its body and of its headers.
fn changed(good: Outcome, change: &mut dyn FnMut(&str) -> String) -> Outcome {
    good.map(|Reply { status, mut headers, body }| {
        for (_, value) in &mut headers {
            *value = in_links(value, change);
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

/// `<https://…>; rel="next"` (RFC 8288): what stands between the brackets.
fn in_links(header: &str, change: &mut dyn FnMut(&str) -> String) -> String {
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

fn link(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Every request is answered as the first was, so that its next page leads to itself; and every
/// link leads to where it stands.
async fn circle(bench: &Bench<'_>) -> Seen {
    if let Some(nothing) = nothing(bench) {
        return nothing;
    }
    let first = bench.plain.exchanges().next().map(|(_, outcome)| outcome.clone());
    let same = |_: usize, _: &Request, good: Outcome| first.clone().unwrap_or(good);
    let itself = |_: usize, request: &Request, good: Outcome| {
        let own = request.url.to_string();
        changed(good, &mut |text| link(text).map_or(text.to_owned(), |_| own.clone()))
    };
    let mut complaints = None;
    for driven in [bench.list(&same, AS_THEY_ARE).await, bench.list(&itself, AS_THEY_ARE).await] {
        complaints = complaints.or(complaint(&driven));
        let count = driven.requests().count();
        let spent = count >= ListingBudget::default().requests as usize;
        complaints =
            complaints.or(spent.then(|| format!("it made {count} requests in the circle")));
    }
    Seen::of(complaints, "the circle ends")
}

/// Every page names another that nobody saw before, and holds the entries of the first.
async fn endless(bench: &Bench<'_>) -> Seen {
    if let Some(nothing) = nothing(bench) {
        return nothing;
    }
    let first = bench.plain.exchanges().next().map(|(_, outcome)| outcome.clone());
    let another = |number: usize, _: &Request, good: Outcome| {
        let good = first.clone().unwrap_or(good);
        changed(good, &mut |text| match link(text) {
            Some(mut url) => {
                url.query_pairs_mut().append_pair("portico-page", &number.to_string());
                url.into()
            }
            None => text.to_owned(),
        })
    };
    let cursor = |number: usize, _: &Request, good: Outcome| {
        with_cursors(first.clone().unwrap_or(good), number)
    };
    let mut complaints = None;
    for driven in [bench.list(&another, AS_THEY_ARE).await, bench.list(&cursor, AS_THEY_ARE).await]
    {
        complaints = complaints.or(complaint(&driven));
    }
    Seen::of(complaints, "the list ends")
}

/// The reply with another value wherever a member is named like a cursor.
fn with_cursors(good: Outcome, number: usize) -> Outcome {
    fn walk(value: &mut Value, number: usize) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, value)| {
                let name = name.to_ascii_lowercase();
                let cursor =
                    ["next", "cursor", "token", "marker"].iter().any(|it| name.contains(it));
                match value {
                    Value::String(text) if cursor && link(text).is_none() => {
                        *text = format!("{text}{number}");
                    }
                    Value::Number(_) if cursor => *value = Value::from(number + 2),
                    other => walk(other, number),
                }
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, number)),
            _ => {}
        }
    }
    good.map(|mut reply| {
        if let Ok(mut body) = serde_json::from_str::<Value>(&reply.body) {
            walk(&mut body, number);
            reply.body = body.to_string();
        }
        reply
    })
}

/// Another host, each time in a form that a careless comparison takes for the first.
const ELSEWHERE: [&str; 4] =
    ["elsewhere.example", "{host}.elsewhere.example", "{host}@elsewhere.example", "{host}:8443"];

async fn elsewhere(bench: &Bench<'_>) -> Seen {
    if let Some(nothing) = nothing(bench) {
        return nothing;
    }
    let known: Vec<_> = bench.plain.requests().map(|request| request.url.origin()).collect();
    for form in ELSEWHERE {
        let moved = |_: usize, _: &Request, good: Outcome| {
            changed(good, &mut |text| link(text).map_or(text.to_owned(), |url| moved(&url, form)))
        };
        let driven = bench.list(&moved, AS_THEY_ARE).await;
        let strange = driven.requests().find(|request| !known.contains(&request.url.origin()));
        if let Some(request) = strange {
            return Seen::Bad(format!("it asks for {}", request.url));
        }
        if let Some(complaint) = complaint(&driven) {
            return Seen::Bad(complaint);
        }
    }
    Seen::Good("no link elsewhere is followed".into())
}

fn moved(url: &Url, form: &str) -> String {
    let host = form.replace("{host}", url.host_str().unwrap_or_default());
    let rest = &url[url::Position::BeforePath..];
    format!("{}://{host}{rest}", url.scheme())
}
