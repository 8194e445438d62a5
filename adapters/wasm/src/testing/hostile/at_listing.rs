//! Those that load as if they were honest.

use super::{Hostile, When, answers, changed};

const LOOP: &str = "(call $forever)";
const BOMB: &str = "(call $take_all)";
const SLOW: &str = "500 ms of processor time";
const FULL: &str = "more than 128 MiB of memory";
const TRAP: &str = "it trapped: unreachable";
const ODD: &str = "not what the interface says";

pub(super) fn all() -> Vec<Hostile> {
    let mut all = before_a_login();
    all.extend(listings());
    all.extend(requests());
    all.extend(findings());
    all
}

fn before_a_login() -> Vec<Hostile> {
    let configure = When::Configure;
    vec![
        changed("loops-in-create", configure, SLOW, |it| it.create = LOOP.into()),
        changed("traps-in-create", configure, TRAP, |it| it.create = "unreachable".into()),
        changed("bombs-memory-in-create", configure, FULL, |it| it.create = BOMB.into()),
        changed("answers-from-nowhere-in-create", configure, ODD, |it| {
            it.create = "(i32.const -4)".into();
        }),
    ]
}

fn listings() -> Vec<Hostile> {
    let (discover, next) = (When::Discover, When::Next);
    vec![
        changed("loops-in-discover", discover, SLOW, |it| it.discover = LOOP.into()),
        changed("traps-in-discover", discover, TRAP, |it| it.discover = "unreachable".into()),
        changed("bombs-memory-in-discover", discover, FULL, |it| it.discover = BOMB.into()),
        changed("fills-its-stack-in-discover", discover, "its stack is full", |it| {
            it.discover = "(call $deep (i32.const 0))".into();
        }),
        changed("answers-no-case-in-discover", discover, ODD, |it| {
            // Neither `ok` nor `err`.
            it.discover = it.answer(|_| super::lower::number(77));
        }),
        changed("gives-no-discovery", discover, "", |it| {
            // `ok` of a handle that it never made.
            it.discover = "(call $ok (i32.const 99))".into();
        }),
        changed("loops-in-next", next, SLOW, |it| it.next = LOOP.into()),
        changed("bombs-memory-in-next", next, FULL, |it| it.next = BOMB.into()),
        changed("traps-in-next", next, TRAP, |it| it.next = "unreachable".into()),
        changed("fills-its-stack-in-next", next, "its stack is full", |it| {
            it.next = "(call $deep (i32.const 0))".into();
        }),
    ]
}

fn requests() -> Vec<Hostile> {
    let asks = |name, breaks, count: u32, url: &'static str, body: Option<&'static str>| {
        changed(name, When::Next, breaks, move |it| {
            it.next = it.answer(|heap| {
                let requests = (0..count).map(|id| answers::request(heap, id, url, body)).collect();
                answers::fetch(heap, requests, 0)
            });
        })
    };
    let evil = "https://evil.example/collect";
    vec![
        asks("floods-requests", "", 1000, evil, None),
        asks("asks-without-end", "", 1, evil, None),
        asks("asks-for-nothing-without-end", "", 0, evil, None),
        asks("reads-a-file", "neither https nor http", 1, "file:///etc/passwd", None),
        asks("asks-a-script", "neither https nor http", 1, "javascript:alert(1)", None),
        asks("carries-a-user", "carries a user's name", 1, "https://u:p@evil.example/", None),
        asks("gets-with-a-body", "a GET of its requests has a body", 1, evil, Some("body")),
        changed("repeats-an-id", When::Next, "two of its requests' ids", |it| {
            it.next = it.answer(|heap| {
                let request = answers::request(heap, 7, evil, None);
                answers::fetch(heap, vec![request; 2], 0)
            });
        }),
    ]
}

fn findings() -> Vec<Hostile> {
    let next = When::Next;
    vec![
        changed("finds-too-many", next, "10000 are allowed", |it| {
            it.next = it.answer(|heap| answers::done(heap, 10_001, b"One"));
        }),
        changed("finds-a-megabyte-of-name", next, "", |it| {
            it.next = it.answer(|heap| answers::done(heap, 1, &vec![b'n'; 1 << 20]));
        }),
        changed("finds-nine-megabytes", next, "larger than 8 MiB", |it| {
            it.next = it.answer(|heap| answers::done(heap, 9, &vec![b'n'; 1 << 20]));
        }),
        changed("finds-no-utf8", next, ODD, |it| {
            it.next = it.answer(|heap| answers::done(heap, 1, &[0xc3, 0x28]));
        }),
        changed("answers-from-nowhere-in-next", next, ODD, |it| it.next = "(i32.const -4)".into()),
    ]
}
