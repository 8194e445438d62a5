//! Return values of `next`, in the memory layout of interface 2.0.0.

use super::lower::{Flat, Heap, byte, empty_list, number, option, option_text, record, variant};

/// Sizes of records in options and variants, in bytes.
const CREDENTIAL: usize = 20;
const OUTCOME: usize = 32;
const STEP: usize = 4 + OUTCOME;
const REPAIR: usize = 12;

/// A request with the plug-in's permission `list`.
pub(crate) fn request(heap: &mut Heap, id: u32, url: &str, body: Option<&str>) -> Flat {
    let credential = record([heap.text("list"), option_text(None)]);
    record([
        number(id),
        byte(0),
        heap.text(url),
        empty_list(),
        option_text(body.map(|body| heap.text(body))),
        option(Some(credential), CREDENTIAL),
    ])
}

/// `ok(fetch)`, after `wait` seconds.
pub(crate) fn fetch(heap: &mut Heap, requests: Vec<Flat>, wait: u32) -> Flat {
    let wish = record([heap.list(requests), number(wait), option_text(None)]);
    variant(0, Some(variant(0, Some(wish), OUTCOME)), STEP)
}

/// `ok(fetch)` without requests.
#[cfg(test)]
pub(crate) fn fetch_nothing(heap: &mut Heap) -> Flat {
    fetch(heap, vec![], 0)
}

/// `ok(done)` with `count` projects of this name and one tenant that only an administrator can unblock.
pub(crate) fn done(heap: &mut Heap, count: usize, name: &[u8]) -> Flat {
    let project = record([
        heap.text("one"),
        heap.raw_text(name),
        option_text(None),
        option_text(None),
        empty_list(),
    ]);
    let claims = variant(1, Some(heap.text("{}")), 8);
    let blocked = record([
        heap.text("two"),
        heap.text("Two"),
        byte(BLOCKED),
        option_text(Some(heap.text("Ask for access."))),
        record([byte(1), byte(ADMINISTRATOR)]),
        option(Some(claims), REPAIR),
        empty_list(),
    ]);
    let tenants = heap.list(vec![blocked]);
    let outcome = record([
        tenants,
        heap.list(vec![project; count]),
        heap.texts(&["one is old"]),
        empty_list(),
    ]);
    variant(0, Some(variant(1, Some(outcome), OUTCOME)), STEP)
}

const BLOCKED: u8 = 4;
const ADMINISTRATOR: u8 = 1;

/// `err(refused)`.
#[cfg(test)]
pub(crate) fn refused(heap: &mut Heap) -> Flat {
    let pair = record([heap.text("denied"), heap.text("Ask for access.")]);
    variant(1, Some(variant(2, Some(pair), 16)), STEP)
}
