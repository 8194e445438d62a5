//! Sends the message of a panic to the host. A component that imports nothing has no other way than to
//! request growths of memory that the host always refuses, each of which encodes a byte. `portico-wasm`
//! decodes them.

use std::{arch::wasm32::memory_grow, panic, sync::Once};

/// The growth that encodes the byte 0, in pages: 3.75 GiB.
const ZERO_BYTE_PAGES: usize = 0xF000;
/// The longest message, in bytes.
const MAX_LEN: usize = 1 << 10;

/// Installs a panic hook that sends message and location. The panic traps afterwards.
pub(super) fn send_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(|panic| send(&panic.to_string()))));
}

fn send(text: &str) {
    for byte in text.bytes().take(MAX_LEN) {
        // The growth is always refused.
        let _ = memory_grow::<0>(ZERO_BYTE_PAGES + usize::from(byte));
    }
}
