//! A descriptor in the memory layout of interface 2.0.0.

use super::lower::{Flat, Heap, byte, option, option_text, record, variant};
use crate::bindings::wire;

/// Sizes of records in options and variants, in bytes.
const PEOPLE: usize = 36;
const PLAIN: usize = 36;
const TEXT: usize = 8;

pub(super) fn descriptor(heap: &mut Heap, it: &wire::Descriptor) -> Flat {
    let sign_in = sign_in(heap, &it.sign_in);
    let people = it.people.as_ref().map(|people| {
        record([
            heap.text(&people.subject),
            text_or_none(heap, people.tenant.as_deref()),
            heap.texts(&people.display_name),
            heap.texts(&people.username),
        ])
    });
    record([
        heap.text(&it.id),
        heap.text(&it.name),
        heap.text(&it.version),
        text_or_none(heap, it.icon.as_deref()),
        heap.text(&it.account_noun),
        heap.each(&it.settings, setting),
        sign_in,
        option(people, PEOPLE),
        heap.each(&it.permissions, permission),
        heap.each(&it.capabilities, |heap, it| {
            record([
                heap.text(&it.name),
                heap.text(&it.kind),
                heap.text(&it.why),
                heap.pairs(&it.extra),
            ])
        }),
        heap.pairs(&it.extra),
    ])
}

fn text_or_none(heap: &mut Heap, text: Option<&str>) -> Flat {
    option_text(text.map(|text| heap.text(text)))
}

fn setting(heap: &mut Heap, it: &wire::SettingSpec) -> Flat {
    record([
        heap.text(&it.key),
        heap.text(&it.label),
        heap.text(&it.help),
        byte(it.kind as u8),
        heap.texts(&it.choices),
        byte(it.required.into()),
        text_or_none(heap, it.default.as_deref()),
    ])
}

fn sign_in(heap: &mut Heap, it: &wire::SignIn) -> Flat {
    let endpoints = match &it.endpoints {
        wire::Endpoints::Openid(issuer) => variant(0, Some(heap.text(issuer)), PLAIN),
        wire::Endpoints::Plain(it) => {
            let plain = record([
                heap.text(&it.issuer),
                heap.text(&it.authorization),
                heap.text(&it.token),
                text_or_none(heap, it.end_session.as_deref()),
            ]);
            variant(1, Some(plain), PLAIN)
        }
    };
    record([
        endpoints,
        text_or_none(heap, it.default_tenant.as_deref()),
        heap.texts(&it.scopes),
        byte(it.scope_separator as u8),
        heap.pairs(&it.parameters),
        byte(it.token_encoding as u8),
        byte(it.client_auth as u8),
        heap.texts(&it.token_reply),
        heap.each(&it.user_records, |heap, it| {
            record([
                text_or_none(heap, it.member.as_deref()),
                heap.text(&it.url),
                heap.pairs(&it.headers),
                heap.text(&it.permission),
            ])
        }),
        heap.pairs(&it.extra),
    ])
}

fn permission(heap: &mut Heap, it: &wire::Permission) -> Flat {
    let placement = match &it.placement {
        wire::Placement::Bearer => variant(0, None, TEXT),
        wire::Placement::Prefix(prefix) => variant(1, Some(heap.text(prefix)), TEXT),
        wire::Placement::Basic => variant(2, None, TEXT),
        wire::Placement::Header(name) => variant(3, Some(heap.text(name)), TEXT),
    };
    record([
        heap.text(&it.name),
        heap.text(&it.why),
        byte(it.principal as u8),
        heap.texts(&it.scopes),
        heap.texts(&it.hosts),
        heap.texts(&it.paths),
        heap.list(it.methods.iter().map(|method| byte(*method as u8)).collect()),
        placement,
        heap.texts(&it.request_headers),
        heap.texts(&it.reply_headers),
        heap.each(&it.secret_headers, |heap, it| {
            record([heap.text(&it.setting), heap.text(&it.header), heap.text(&it.prefix)])
        }),
    ])
}
