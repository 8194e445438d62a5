//! The panic message of a plug-in.
//!
//! A component that imports nothing cannot report why it traps, but the host sees the size of each
//! memory growth that it requests. The SDK's panic hook requests one growth per byte of the message:
//! 61,440 pages (3.75 GiB) plus the byte's value. Such a growth exceeds the memory limit and is refused
//! in any case, so a plug-in gains nothing by it except that the operator can read the message.

/// The growth that stands for a byte of zero, in pages.
const MARK: usize = 0xF000;
/// Bytes of a WebAssembly page.
const PAGE: usize = 64 << 10;
/// Bytes of a message that are stored.
const MAX_LEN: usize = 1 << 10;

/// The bytes received so far.
#[derive(Debug, Default)]
pub(crate) struct PanicMessage(Vec<u8>);

impl PanicMessage {
    /// Stores the byte that a growth of `growth` bytes over the limit stands for. `false`: the growth
    /// is no part of a message.
    pub(crate) fn receive(&mut self, growth: usize) -> bool {
        let byte = (growth / PAGE).checked_sub(MARK).and_then(|byte| u8::try_from(byte).ok());
        let Some(byte) = byte else { return false };
        if self.0.len() < MAX_LEN {
            self.0.push(byte);
        }
        true
    }

    /// The message on one line; `None` if it is empty.
    pub(crate) fn text(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.0);
        let text = portico_domain::text::clean(&text.replace(['\r', '\n'], " "), MAX_LEN);
        Some(text).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(text: &[u8]) -> PanicMessage {
        let mut message = PanicMessage::default();
        for byte in text {
            assert!(message.receive((MARK + usize::from(*byte)) * PAGE));
        }
        message
    }

    #[test]
    fn text_is_one_line_without_control_characters() {
        let message = received("panicked at src/ż.rs:1:2:\noh\u{1b}[2J".as_bytes());
        assert_eq!(message.text().unwrap(), "panicked at src/ż.rs:1:2: oh[2J");
    }

    #[test]
    fn text_is_none_without_visible_bytes() {
        assert_eq!(PanicMessage::default().text(), None);
        assert_eq!(received(&[0, 0, 0]).text(), None);
    }

    #[test]
    fn text_is_truncated_and_replaces_invalid_utf8() {
        assert_eq!(received(&[b'a'; 9_000]).text().unwrap().len(), MAX_LEN);
        assert!(received(&[0xFF; 9]).text().is_some());
    }

    #[test]
    fn receive_ignores_growths_outside_the_byte_range() {
        let mut message = PanicMessage::default();
        for pages in [0, 1, 2_048, MARK - 1, MARK + 256, 65_535, 65_536] {
            assert!(!message.receive(pages * PAGE), "{pages:x}");
        }
    }
}
