//! One that takes all the memory it may have, asks its cloud for something, and waits.

use super::{HonestGuest, Hostile, When, answers, changed};

/// Where in a request its address stands: pointer and length.
const URL: usize = 8;

pub(super) fn all() -> Vec<Hostile> {
    vec![changed("hoards-memory-and-waits", When::Next, "", |it| {
        it.create = "(call $remember (local.get 0)) (call $configure)".into();
        // 120 MiB with what it begins with.
        it.discover = "(call $take (i32.const 1888)) (call $begin)".into();
        asks_once(it);
    })]
}

/// Has a guest that remembers its settings ask for one document below the address in `issuer`, then
/// list one project.
pub(super) fn asks_once(it: &mut HonestGuest) {
    let tail = it.heap.text("/api/environments");
    let tail = it.heap.put(&tail);
    let request = answers::request(&mut it.heap, 1, "", None);
    let requests = it.heap.end().next_multiple_of(8);
    let asked = it.answer(|heap| answers::fetch(heap, vec![request], 0));
    let done = it.answer(|heap| answers::done(heap, 1, b"One"));
    let url = requests + URL;
    it.next = format!(
        "(if (result i32) (global.get $calls)
           (then {done})
           (else
             (global.set $calls (i32.const 1))
             (call $join (i32.const {url}) (i32.const {tail}))
             {asked}))"
    );
}
