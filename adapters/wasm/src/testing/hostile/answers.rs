//! What an honest guest answers, in the layout of interface 1.0.0. Each hostile guest changes one
//! thing of it.

use super::lower::{Flat, Heap, byte, nothing, number, option, option_text, record, variant};

/// Bytes of the records that stand in options and variants.
const PEOPLE: usize = 20;
const PLAIN: usize = 64;
const CREDENTIAL: usize = 20;
const OUTCOME: usize = 32;
const STEP: usize = 4 + OUTCOME;

/// The parts of a descriptor that hostile guests write in their own way.
pub(crate) struct Description {
    pub(crate) id: String,
    pub(crate) name: Vec<u8>,
    pub(crate) version: String,
    pub(crate) noun: String,
    pub(crate) subject: String,
    pub(crate) setting: String,
    pub(crate) setting_kind: u8,
    pub(crate) settings: usize,
    pub(crate) host: String,
    pub(crate) path: String,
}

impl Description {
    pub(crate) fn honest(id: &str) -> Self {
        Self {
            id: id.into(),
            name: format!("Hostile {id}").into(),
            version: "1.0.0".into(),
            noun: "project".into(),
            subject: "/sub".into(),
            setting: "issuer".into(),
            setting_kind: URL,
            settings: 1,
            host: "{issuer}".into(),
            path: "/".into(),
        }
    }
}

/// A setting's kind: an address.
const URL: u8 = 1;

pub(crate) fn descriptor(heap: &mut Heap, it: &Description) -> Flat {
    let people = record([heap.text(&it.subject), option_text(None)]);
    let specs = (0..it.settings).map(|n| setting(heap, it, n)).collect();
    let grant = grant(heap, it);
    record([
        heap.text(&it.id),
        heap.raw_text(&it.name),
        heap.text(&it.version),
        option_text(None),
        heap.text(&it.noun),
        option(Some(people), PEOPLE),
        heap.list(specs),
        heap.list(vec![grant]),
        nothing(),
    ])
}

fn setting(heap: &mut Heap, it: &Description, n: usize) -> Flat {
    let key = if n == 0 { it.setting.clone() } else { format!("{}-{n}", it.setting) };
    record([
        heap.text(&key),
        heap.text("Issuer"),
        heap.text("The address of an OpenID provider."),
        byte(it.setting_kind),
        nothing(),
        byte(1),
        option_text(None),
    ])
}

/// GETs with the person's token.
fn grant(heap: &mut Heap, it: &Description) -> Flat {
    record([
        heap.text("list"),
        heap.text("To list projects."),
        byte(0),
        nothing(),
        heap.texts(&[&it.host]),
        heap.texts(&[&it.path]),
        heap.list(vec![byte(0)]),
        variant(0, None, 8),
    ])
}

/// OpenID; the guest writes the issuer's pointer and length over bytes 4 to 11.
pub(crate) fn sign_in(heap: &mut Heap, issuer: Option<&str>, authentication: u8) -> Flat {
    let issuer = issuer.map_or_else(nothing, |issuer| heap.text(issuer));
    record([
        variant(0, Some(issuer), PLAIN),
        option_text(None),
        heap.texts(&["openid", "profile"]),
        nothing(),
        byte(0),
        byte(authentication),
        nothing(),
    ])
}

/// `ok(identity)`; the guest writes the subject over bytes 4 to 11, the tenant over 12 to 19.
pub(crate) fn identity(heap: &mut Heap, subject: &[u8], tenant: &[u8], name: &str) -> Flat {
    let identity = record([
        heap.raw_text(subject),
        heap.raw_text(tenant),
        heap.text(name),
        option_text(None),
        nothing(),
    ]);
    variant(0, Some(identity), 44)
}

/// A request under the guest's grant.
pub(crate) fn request(heap: &mut Heap, id: u32, url: &str, body: Option<&str>) -> Flat {
    let credential = record([heap.text("list"), option_text(None)]);
    record([
        number(id),
        byte(0),
        heap.text(url),
        nothing(),
        option_text(body.map(|body| heap.text(body))),
        option(Some(credential), CREDENTIAL),
    ])
}

/// `ok(fetch)`.
pub(crate) fn fetch(heap: &mut Heap, requests: Vec<Flat>) -> Flat {
    let wish = record([heap.list(requests), option_text(None)]);
    variant(0, Some(variant(0, Some(wish), OUTCOME)), STEP)
}

/// `ok(fetch)` of nothing.
#[cfg(test)]
pub(crate) fn asks_for_nothing(heap: &mut Heap) -> Flat {
    fetch(heap, vec![])
}

/// `ok(done)`, of `count` projects with this name.
pub(crate) fn done(heap: &mut Heap, count: usize, name: &[u8]) -> Flat {
    let project = record([
        heap.text("one"),
        heap.raw_text(name),
        option_text(None),
        option_text(None),
        nothing(),
    ]);
    let blocked = record([
        heap.text("two"),
        heap.text("Two"),
        heap.text("blocked"),
        option_text(Some(heap.text("Ask for access."))),
        option_text(None),
        nothing(),
    ]);
    let tenants = heap.list(vec![blocked]);
    let outcome =
        record([tenants, heap.list(vec![project; count]), heap.texts(&["one is old"]), nothing()]);
    variant(0, Some(variant(1, Some(outcome), OUTCOME)), STEP)
}

/// `err(refused)`.
#[cfg(test)]
pub(crate) fn refused(heap: &mut Heap) -> Flat {
    let pair = record([heap.text("denied"), heap.text("Ask for access.")]);
    variant(1, Some(variant(2, Some(pair), 16)), STEP)
}
