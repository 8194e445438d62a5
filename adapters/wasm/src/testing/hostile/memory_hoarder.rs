//! A plug-in that takes all memory it can get, and keeps it while it waits for a response.

use super::{Hostile, PluginBuilder, When, changed, return_values};

/// The offset of the URL in a request: pointer and length.
const URL: usize = 8;

pub(super) fn all() -> Vec<Hostile> {
    vec![changed("hoards-memory-and-waits", When::Next, "", |it| {
        it.create = "(call $remember (local.get 0)) (call $configure)".into();
        // 120 MiB together with its initial memory.
        it.discover = "(call $take (i32.const 1888)) (call $begin)".into();
        fetch_once(it);
    })]
}

/// Has a plug-in that stores its settings fetch one document below the URL in `issuer`, then list one
/// project.
pub(super) fn fetch_once(it: &mut PluginBuilder) {
    let tail = it.heap.text("/api/environments");
    let tail = it.heap.put(&tail);
    let request = return_values::request(&mut it.heap, 1, "", None);
    let requests = it.heap.end().next_multiple_of(8);
    let fetch = it.returning(|heap| return_values::fetch(heap, vec![request], 0));
    let done = it.returning(|heap| return_values::done(heap, 1, b"One"));
    let url = requests + URL;
    it.next = format!(
        "(if (result i32) (global.get $calls)
           (then {done})
           (else
             (global.set $calls (i32.const 1))
             (call $join (i32.const {url}) (i32.const {tail}))
             {fetch}))"
    );
}
