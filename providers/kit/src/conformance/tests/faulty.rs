//! For every check, providers whose only fault is one that the check must find.

mod declarations;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use portico_domain::{
    account::{Listing, Subscription},
    identity::TenantId,
    provider::{Credential, Method, Request, Response, Step},
    testing::samples,
};
use serde_json::Value;
use url::Url;

use self::declarations::{descriptors, people, permissions, settings, sign_ins};
use crate::{fixtures::Fixtures, testing::FaultyProvider};

/// The check that must fail, the fixtures if not the template's, and the provider.
type Case = (&'static str, Option<Fixtures>, FaultyProvider);

pub(super) fn providers() -> Vec<Case> {
    let declarations = [descriptors(), settings(), permissions(), sign_ins(), people()];
    let behaviour = [requests(), headers(), replies(), pages(), responses()];
    declarations.into_iter().chain(behaviour).flatten().collect()
}

/// A provider whose requests are changed. `change` gets the number of the step.
fn requesting(change: impl Fn(usize, &mut Vec<Request>) + Send + Sync + 'static) -> FaultyProvider {
    FaultyProvider::listing(move |number, _, step| {
        let Ok(Step::Fetch { mut requests, wait }) = step else { return step };
        change(number, &mut requests);
        Ok(Step::Fetch { requests, wait })
    })
}

/// A provider whose listing is changed.
fn listing(change: impl Fn(&mut Listing) + Send + Sync + 'static) -> FaultyProvider {
    FaultyProvider::listing(move |_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        change(&mut listing);
        Ok(Step::Done(listing))
    })
}

fn requests() -> Vec<Case> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    vec![
        ("lists-the-fixtures", None, listing(|it| it.subscriptions.clear())),
        ("lists-the-fixtures", None, listing(|it| it.warnings.push("odd".into()))),
        ("lists-the-fixtures", None, listing(|it| it.subscriptions[0].id = "a\nb".into())),
        ("asks-only-for-what-is-permitted", None, requesting(|_, it| it[0].method = Method::Post)),
        (
            "asks-only-for-what-is-permitted",
            None,
            requesting(|_, it| {
                it[0].credential = Some(Credential { permission: "write".into(), tenant: None });
            }),
        ),
        (
            "is-refused-nothing",
            None,
            requesting(|_, it| {
                let tenant = TenantId::parse("elsewhere").ok();
                it[0].credential = Some(Credential { permission: "read".into(), tenant });
            }),
        ),
        ("is-refused-nothing", None, requesting(|_, it| *it = vec![it[0].clone(); 501])),
        (
            "is-refused-nothing",
            None,
            requesting(|_, it| it[0].headers.push(("x-a".into(), "".into()))),
        ),
        ("is-refused-nothing", Some(too_large()), FaultyProvider::correct()),
        ("is-refused-nothing", Some(paged_by_cursor()), FaultyProvider::correct()),
        (
            "is-deterministic",
            None,
            requesting(|_, it| {
                let count = COUNTER.fetch_add(1, Ordering::Relaxed);
                it[0].headers.push(("x-count".into(), count.to_string()));
            }),
        ),
        (
            "is-deterministic",
            None,
            listing(|it| {
                let count = COUNTER.fetch_add(1, Ordering::Relaxed);
                it.subscriptions.push(samples::subscription(&count.to_string()));
            }),
        ),
    ]
}

/// A page that is followed by another, which only a header says.
fn paged_by_cursor() -> Fixtures {
    let paged = r#"{ "replies": { "GET https://cloud.example/api/projects?page=1": {
        "headers": { "X-Next-Cursor": "2" }, "body": { "projects": [{"id": "p-1"}] }
    } } }"#;
    Fixtures::parse("paged", paged).unwrap()
}

/// A page larger than the host reads.
fn too_large() -> Fixtures {
    let name = "x".repeat(1 << 20);
    let page = format!(
        r#"{{ "replies": {{ "GET https://cloud.example/api/projects?page=1": {{
            "body": {{ "projects": [{{"id": "p-1", "name": "{name}"}}] }} }} }} }}"#
    );
    Fixtures::parse("large", &page).unwrap()
}

fn headers() -> Vec<Case> {
    let header =
        |name: &'static str| requesting(move |_, it| it[0].headers.push((name.into(), "1".into())));
    let waiting = |seconds| {
        FaultyProvider::listing(move |number, _, step| match step {
            Ok(Step::Done(_)) if number == 2 => {
                let url = Url::parse("https://cloud.example/api/projects?page=1").unwrap();
                let wait = Duration::from_secs(seconds);
                Ok(Step::Fetch { requests: vec![request(url)], wait })
            }
            other => other,
        })
    };
    vec![
        ("sends-headers-of-its-own", None, header("Authorization")),
        ("sends-headers-of-its-own", None, header("x-unheard-of")),
        ("sends-headers-of-its-own", None, header("a b")),
        ("sends-headers-of-its-own", None, requesting(|_, it| it.push(it[0].clone()))),
        ("declares-the-headers-it-reads", Some(paged_by_cursor()), FaultyProvider::correct()),
        ("waits-within-the-budget", None, waiting(86_400)),
        ("replays-its-tape", None, header("x-ms-new")),
    ]
}

/// A provider that panics in `read` for some bodies.
fn panicking(read: impl Fn(&str) + Send + Sync + 'static) -> FaultyProvider {
    FaultyProvider::listing(move |_, responses, step| {
        for response in responses {
            if let Ok(reply) = &response.outcome {
                read(&reply.body);
            }
        }
        step
    })
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_default()
}

/// A provider that lists every id of a page unchecked.
fn unchecked() -> FaultyProvider {
    FaultyProvider::listing(|_, responses, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        for response in responses {
            let Ok(reply) = &response.outcome else { continue };
            let body = json(&reply.body);
            let entries = body["projects"].as_array().cloned().unwrap_or_default();
            let ids = entries.iter().filter_map(|it| it["id"].as_str());
            listing.subscriptions = ids.map(subscription).collect();
        }
        Ok(Step::Done(listing))
    })
}

fn subscription(id: &str) -> Subscription {
    Subscription {
        id: id.into(),
        display_name: id.into(),
        state: None,
        tenant: None,
        extra: vec![],
    }
}

/// A provider that never warns.
fn without_warnings() -> FaultyProvider {
    listing(|it| it.warnings.clear())
}

fn replies() -> Vec<Case> {
    vec![
        ("survives-empty-replies", None, panicking(|body| assert!(!body.is_empty()))),
        (
            "survives-missing-fields",
            None,
            panicking(|body| {
                let body = json(body);
                let entries = body["projects"].as_array().cloned().unwrap_or_default();
                assert!(entries.iter().all(|it| it.get("id").is_some()));
            }),
        ),
        (
            "survives-other-types",
            None,
            panicking(|body| {
                let body = json(body);
                assert!(body.get("more").is_none_or(Value::is_boolean));
            }),
        ),
        (
            "survives-cut-replies",
            None,
            panicking(|body| {
                assert!(!body.starts_with("{\"more\"") || body.ends_with('}'));
            }),
        ),
        ("survives-huge-replies", None, unchecked()),
        (
            "survives-ten-thousand-entries",
            None,
            panicking(|body| {
                assert!(json(body)["projects"].as_array().is_none_or(|it| it.len() < 100));
            }),
        ),
        ("survives-hostile-replies", None, unchecked()),
        ("survives-refusals", None, without_warnings()),
        ("survives-failed-fetches", None, without_warnings()),
        (
            "survives-failed-fetches",
            None,
            FaultyProvider::listing(|_, responses, step| {
                assert!(responses.iter().all(|it| it.outcome.is_ok()));
                step
            }),
        ),
    ]
}

/// A provider that follows any link at `/next`, for 20 pages at most if `bounded`.
fn following_links(bounded: bool) -> FaultyProvider {
    FaultyProvider::listing(move |number, responses, step| {
        let Some(Response { outcome: Ok(reply), .. }) = responses.first() else { return step };
        let next = json(&reply.body)["next"].as_str().and_then(|it| Url::parse(it).ok());
        match next {
            Some(url) if !bounded || number < 20 => Ok(Step::fetch(vec![request(url)])),
            _ => step,
        }
    })
}

fn request(url: Url) -> Request {
    let credential = Some(Credential { permission: "read".into(), tenant: None });
    Request { id: 1, method: Method::Get, url, headers: vec![], body: None, credential }
}

/// Pages with a link to the next one.
fn linked_pages() -> Fixtures {
    let json = r#"{ "replies": {
        "GET https://cloud.example/api/projects?page=1": { "body": {
            "projects": [{"id": "p-1"}], "more": true, "next": "https://cloud.example/api/projects?page=2"
        } },
        "GET https://cloud.example/api/projects?page=2": { "body": { "projects": [{"id": "p-2"}] } }
    } }"#;
    Fixtures::parse("linked pages", json).unwrap()
}

fn pages() -> Vec<Case> {
    let endless = FaultyProvider::listing(|number, _, _| {
        let url = format!("https://cloud.example/api/projects?page={number}");
        Ok(Step::fetch(vec![request(Url::parse(&url).unwrap())]))
    });
    let empty_steps = FaultyProvider::listing(|_, _, _| Ok(Step::fetch(vec![])));
    vec![
        ("ends-when-pages-go-round", Some(linked_pages()), following_links(false)),
        ("ends-when-pages-never-do", Some(linked_pages()), endless),
        ("ends-when-pages-never-do", None, empty_steps),
        ("follows-no-link-elsewhere", Some(linked_pages()), following_links(true)),
    ]
}

fn responses() -> Vec<Case> {
    // Sends two requests and takes the first response for the first request's.
    let by_position = FaultyProvider::listing(|number, responses, _| {
        if number == 1 {
            let page = |id, page| {
                let url = format!("https://cloud.example/api/projects?page={page}");
                Request { id, ..request(Url::parse(&url).unwrap()) }
            };
            return Ok(Step::fetch(vec![page(1, 1), page(2, 2)]));
        }
        let first = responses.first().map(|it| it.id.to_string()).unwrap_or_default();
        let subscriptions = vec![subscription(&first)];
        Ok(Step::Done(Listing { subscriptions, ..Listing::default() }))
    });
    let needs_one = FaultyProvider::listing(|number, responses, step| {
        assert!(number == 1 || !responses.is_empty(), "no response");
        step
    });
    vec![
        ("survives-reordered-responses", None, by_position),
        ("survives-missing-or-doubled-responses", None, needs_one),
    ]
}
