//! Plug-ins that fail when they are loaded.

use super::{Hostile, When, changed, lower::slice, plugin_builder::PluginBuilder};

pub(super) fn all() -> Vec<Hostile> {
    let mut all = files();
    all.extend(start_functions());
    all.extend(describe_functions());
    all.extend(super::invalid_descriptors::all());
    all
}

/// The offset of the endpoints, which are the first field of the sign-in, in a descriptor.
const ENDPOINTS: usize = 52;

fn file(name: &'static str, component: Vec<u8>, breaks: &'static str) -> Hostile {
    Hostile { name, component, when: When::Load, breaks }
}

#[allow(clippy::expect_used, reason = "constant texts of this crate")]
fn text(name: &'static str, text: &str, breaks: &'static str) -> Hostile {
    file(name, wat::parse_str(text).expect("the component's text is well-formed"), breaks)
}

fn files() -> Vec<Hostile> {
    let mut truncated = PluginBuilder::honest("truncated").build();
    truncated.truncate(truncated.len() / 2);
    let not_a_component = "it is no WebAssembly component";
    vec![
        file("no-component", b"#!/bin/sh\necho hello\n".into(), not_a_component),
        file("empty", vec![], not_a_component),
        file("truncated", truncated, not_a_component),
        text("core-module", "(module)", not_a_component),
        text(
            "imports-clocks",
            &importing("wasi:clocks/monotonic-clock@0.2.3"),
            "imports wasi:clocks",
        ),
        text("imports-files", &importing("wasi:filesystem/types@0.2.3"), "imports wasi:filesystem"),
        text("imports-sockets", &importing("wasi:sockets/tcp@0.2.3"), "imports wasi:sockets"),
        text("no-provider", "(component)", "no provider interface"),
        text("from-the-future", &exporting("3.0.0"), "interface 3.0.0"),
        text("from-long-ago", &exporting("0.1.0"), "interface 0.1.0"),
        text("interface-in-name-alone", &exporting("2.0.0"), "not of the interface that it names"),
        text("version-1-in-name-alone", &exporting("1.0.0"), "not of the interface that it names"),
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

fn start_functions() -> Vec<Hostile> {
    let load = When::Load;
    vec![
        changed("traps-at-start", load, "it trapped: unreachable", |it| it.start = "unreachable"),
        changed("loops-at-start", load, "1000 ms of processor time", |it| {
            it.start = "(drop (call $forever))";
        }),
        changed("bombs-memory-at-start", load, "more than 128 MiB", |it| {
            it.start = "(drop (call $take_all))";
        }),
        changed("wants-a-gigabyte", load, "more than 128 MiB", |it| it.pages = 16384),
    ]
}

fn describe_functions() -> Vec<Hostile> {
    let load = When::Load;
    vec![
        changed("loops-in-describe", load, "1000 ms of processor time", |it| {
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
            it.describe = it.returning_descriptor(|heap, bytes| {
                // The name follows the id.
                bytes[8..16].copy_from_slice(&heap.raw_text(&[0xff, 0xfe]).bytes);
            });
        }),
        changed("signs-in-in-no-way", load, "not what the interface says", |it| {
            // Neither OpenID nor plain endpoints.
            it.describe = it.returning_descriptor(|_, bytes| bytes[ENDPOINTS] = 9);
        }),
        changed("answers-without-end", load, "larger than 8 MiB", |it| {
            // An id of nine megabytes, within its memory.
            it.pages = 256;
            it.describe = it.returning(|_| {
                let mut id = slice([1024, 9 << 20]);
                id.bytes.resize(512, 0);
                id
            });
        }),
        changed("changes-its-mind", load, "in another way each time", |it| {
            let one = it.returning_descriptor(|_, _| ());
            it.descriptor.sign_in.scopes.push("admin".into());
            let other = it.returning_descriptor(|_, _| ());
            it.describe = format!(
                "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                 (select {one} {other}
                   (i32.eq (global.get $calls) (i32.const 1)))"
            );
        }),
    ]
}
