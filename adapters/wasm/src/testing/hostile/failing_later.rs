//! Plug-ins that load like an honest one, and fail when they are configured or list.

use super::{Hostile, When, changed, return_values};

const LOOP_FOREVER: &str = "(call $forever)";
const TAKE_ALL_MEMORY: &str = "(call $take_all)";
const OUT_OF_TIME: &str = "1000 ms of processor time";
const OUT_OF_MEMORY: &str = "more than 128 MiB of memory";
const TRAPPED: &str = "it trapped: unreachable";
const INVALID_RESULT: &str = "not what the interface says";

pub(super) fn all() -> Vec<Hostile> {
    let mut all = create_functions();
    all.extend(listing_functions());
    all.extend(requests());
    all.extend(listings());
    all
}

fn create_functions() -> Vec<Hostile> {
    let configure = When::Configure;
    vec![
        changed("loops-in-create", configure, OUT_OF_TIME, |it| it.create = LOOP_FOREVER.into()),
        changed("traps-in-create", configure, TRAPPED, |it| it.create = "unreachable".into()),
        changed("bombs-memory-in-create", configure, OUT_OF_MEMORY, |it| {
            it.create = TAKE_ALL_MEMORY.into()
        }),
        changed("answers-from-nowhere-in-create", configure, INVALID_RESULT, |it| {
            it.create = "(i32.const -4)".into();
        }),
    ]
}

fn listing_functions() -> Vec<Hostile> {
    let (discover, next) = (When::Discover, When::Next);
    vec![
        changed("loops-in-discover", discover, OUT_OF_TIME, |it| it.discover = LOOP_FOREVER.into()),
        changed("traps-in-discover", discover, TRAPPED, |it| it.discover = "unreachable".into()),
        changed("bombs-memory-in-discover", discover, OUT_OF_MEMORY, |it| {
            it.discover = TAKE_ALL_MEMORY.into()
        }),
        changed("fills-its-stack-in-discover", discover, "its stack is full", |it| {
            it.discover = "(call $deep (i32.const 0))".into();
        }),
        changed("answers-no-case-in-discover", discover, INVALID_RESULT, |it| {
            // Neither `ok` nor `err`.
            it.discover = it.returning(|_| super::lower::number(77));
        }),
        changed("gives-no-discovery", discover, "", |it| {
            // `ok` of a handle that does not exist.
            it.discover = "(call $ok (i32.const 99))".into();
        }),
        changed("loops-in-next", next, OUT_OF_TIME, |it| it.next = LOOP_FOREVER.into()),
        changed("bombs-memory-in-next", next, OUT_OF_MEMORY, |it| it.next = TAKE_ALL_MEMORY.into()),
        changed("traps-in-next", next, TRAPPED, |it| it.next = "unreachable".into()),
        changed("fills-its-stack-in-next", next, "its stack is full", |it| {
            it.next = "(call $deep (i32.const 0))".into();
        }),
    ]
}

fn requests() -> Vec<Hostile> {
    let fetching = |name, breaks, count: u32, url: &'static str, body: Option<&'static str>| {
        changed(name, When::Next, breaks, move |it| {
            it.next = it.returning(|heap| {
                let requests =
                    (0..count).map(|id| return_values::request(heap, id, url, body)).collect();
                return_values::fetch(heap, requests, 0)
            });
        })
    };
    let evil = "https://evil.example/collect";
    vec![
        fetching("floods-requests", "", 1000, evil, None),
        fetching("asks-without-end", "", 1, evil, None),
        fetching("asks-for-nothing-without-end", "", 0, evil, None),
        fetching("reads-a-file", "neither https nor http", 1, "file:///etc/passwd", None),
        fetching("asks-a-script", "neither https nor http", 1, "javascript:alert(1)", None),
        fetching("carries-a-user", "carries a user's name", 1, "https://u:p@evil.example/", None),
        fetching("gets-with-a-body", "a GET of its requests has a body", 1, evil, Some("body")),
        changed("repeats-an-id", When::Next, "two of its requests' ids", |it| {
            it.next = it.returning(|heap| {
                let request = return_values::request(heap, 7, evil, None);
                return_values::fetch(heap, vec![request; 2], 0)
            });
        }),
    ]
}

fn listings() -> Vec<Hostile> {
    let next = When::Next;
    vec![
        changed("finds-too-many", next, "10000 are allowed", |it| {
            it.next = it.returning(|heap| return_values::done(heap, 10_001, b"One"));
        }),
        changed("finds-a-megabyte-of-name", next, "", |it| {
            it.next = it.returning(|heap| return_values::done(heap, 1, &vec![b'n'; 1 << 20]));
        }),
        changed("finds-nine-megabytes", next, "larger than 8 MiB", |it| {
            it.next = it.returning(|heap| return_values::done(heap, 9, &vec![b'n'; 1 << 20]));
        }),
        changed("finds-no-utf8", next, INVALID_RESULT, |it| {
            it.next = it.returning(|heap| return_values::done(heap, 1, &[0xc3, 0x28]));
        }),
        changed("answers-from-nowhere-in-next", next, INVALID_RESULT, |it| {
            it.next = "(i32.const -4)".into()
        }),
    ]
}
