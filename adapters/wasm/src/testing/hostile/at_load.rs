//! Those that are refused before anybody signs in with them.

use super::{Hostile, When, changed, guest::Guest, lower::words};

pub(super) fn all() -> Vec<Hostile> {
    let mut all = files();
    all.extend(starts());
    all.extend(descriptions());
    all.extend(lies());
    all
}

fn file(name: &'static str, component: Vec<u8>, breaks: &'static str) -> Hostile {
    Hostile { name, component, when: When::Load, breaks }
}

#[allow(clippy::expect_used, reason = "these are this crate's own texts")]
fn text(name: &'static str, text: &str, breaks: &'static str) -> Hostile {
    file(name, wat::parse_str(text).expect("the component's text is well-formed"), breaks)
}

fn files() -> Vec<Hostile> {
    let mut truncated = Guest::honest("truncated").build();
    truncated.truncate(truncated.len() / 2);
    let no_component = "it is no WebAssembly component";
    vec![
        file("no-component", b"#!/bin/sh\necho hello\n".into(), no_component),
        file("empty", vec![], no_component),
        file("truncated", truncated, no_component),
        text("core-module", "(module)", no_component),
        text(
            "imports-clocks",
            &importing("wasi:clocks/monotonic-clock@0.2.3"),
            "imports wasi:clocks",
        ),
        text("imports-files", &importing("wasi:filesystem/types@0.2.3"), "imports wasi:filesystem"),
        text("imports-sockets", &importing("wasi:sockets/tcp@0.2.3"), "imports wasi:sockets"),
        text("no-provider", "(component)", "no provider interface"),
        text("from-the-future", &exporting("2.0.0"), "interface 2.0.0"),
        text("interface-in-name-alone", &exporting("1.0.0"), "not of the interface that it names"),
    ]
}

fn importing(name: &str) -> String {
    format!(r#"(component (import "{name}" (instance)))"#)
}

fn exporting(version: &str) -> String {
    format!(
        r#"(component (instance $i) (export "portico:provider/provider@{version}" (instance $i)))"#
    )
}

fn starts() -> Vec<Hostile> {
    let load = When::Load;
    vec![
        changed("traps-at-start", load, "it trapped: unreachable", |it| it.start = "unreachable"),
        changed("loops-at-start", load, "500 ms of processor time", |it| {
            it.start = "(drop (call $forever))";
        }),
        changed("bombs-memory-at-start", load, "more than 128 MiB", |it| {
            it.start = "(drop (call $take_all))";
        }),
        changed("wants-a-gigabyte", load, "more than 128 MiB", |it| it.pages = 16384),
    ]
}

fn descriptions() -> Vec<Hostile> {
    let load = When::Load;
    vec![
        changed("loops-in-describe", load, "500 ms of processor time", |it| {
            it.describe = "(call $forever)".into();
        }),
        changed("traps-in-describe", load, "it trapped: integer divide by zero", |it| {
            it.describe = "(i32.div_u (i32.const 1) (i32.const 0))".into();
        }),
        changed("fills-its-stack", load, "its stack is full", |it| {
            it.describe = "(call $deep (i32.const 0))".into();
        }),
        changed("answers-from-nowhere", load, "not what the interface says", |it| {
            it.describe = "(i32.const -8)".into();
        }),
        changed("answers-no-utf8", load, "not what the interface says", |it| {
            it.description.name = vec![0xff, 0xfe];
        }),
        changed("answers-no-kind", load, "not what the interface says", |it| {
            it.description.setting_kind = 9;
        }),
        changed("answers-without-end", load, "larger than 8 MiB", |it| {
            // An id of nine megabytes, all of it there.
            it.pages = 256;
            it.describe = it.answer(|_| {
                let mut id = words([1024, 9 << 20]);
                id.bytes.resize(256, 0);
                id
            });
        }),
        changed("changes-its-mind", load, "in another way each time", |it| {
            let one = super::answers::descriptor(&mut it.heap, &it.description);
            let one = it.heap.put(&one);
            it.description.name = b"Somebody else".into();
            let other = super::answers::descriptor(&mut it.heap, &it.description);
            let other = it.heap.put(&other);
            it.describe = format!(
                "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                 (select (i32.const {one}) (i32.const {other})
                   (i32.eq (global.get $calls) (i32.const 1)))"
            );
        }),
    ]
}

fn lies() -> Vec<Hostile> {
    let load = When::Load;
    vec![
        changed("breaks-its-id", load, "lower-case letters, digits or '-'", |it| {
            it.description.id = "Azure\r\nSet-Cookie: a=b".into();
        }),
        changed("hides-in-its-name", load, "visible characters", |it| {
            it.description.name = "Azure\u{202e}".into();
        }),
        changed("has-a-megabyte-of-name", load, "visible characters", |it| {
            it.description.name = vec![b'n'; 1 << 20];
        }),
        changed("has-no-version", load, "semantic version", |it| {
            it.description.version = "newest".into();
        }),
        changed("asks-a-thousand-settings", load, "32 are allowed", |it| {
            it.description.settings = 1000
        }),
        changed("goes-everywhere", load, "top-level domain", |it| {
            it.description.host = "*.com".into()
        }),
        changed("goes-to-any-host", load, "name of a host", |it| it.description.host = "*".into()),
        changed("goes-to-any-path", load, "does not start with '/'", |it| {
            it.description.path = "x".into();
        }),
        changed("points-nowhere", load, "JSON pointer", |it| it.description.subject = "sub".into()),
    ]
}
