//! The last words of a guest that panics.
//!
//! A component that imports nothing has no way to say why it traps; but the host hears of each growth
//! of memory that it asks for. The SDK's panic hook asks for a growth by 61,440 pages and one byte of
//! its message (3.75 GiB and some more), byte after byte. What is over the guest's limit is refused
//! in any case, so that a guest gains nothing by it but that the operator can read it.

/// The growth that says a byte of zero, in pages.
const MARK: usize = 0xF000;
/// A page of WebAssembly, in bytes.
const PAGE: usize = 64 << 10;
/// How much of what a guest says is kept, in bytes.
const MAX_LEN: usize = 1 << 10;

/// What a guest has said.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<u8>);

impl Words {
    /// Whether a growth of this many bytes, which the guest may not have, is a part of a message; it is
    /// kept then.
    pub(crate) fn hear(&mut self, growth: usize) -> bool {
        let said = (growth / PAGE).checked_sub(MARK).and_then(|byte| u8::try_from(byte).ok());
        let Some(byte) = said else { return false };
        if self.0.len() < MAX_LEN {
            self.0.push(byte);
        }
        true
    }

    /// The message on one line, where there is one.
    pub(crate) fn text(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.0);
        let text = portico_domain::text::clean(&text.replace(['\r', '\n'], " "), MAX_LEN);
        Some(text).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &[u8]) -> Words {
        let mut words = Words::default();
        for byte in text {
            assert!(words.hear((MARK + usize::from(*byte)) * PAGE));
        }
        words
    }

    #[test]
    fn a_message_is_heard_byte_by_byte_on_one_line_and_cleaned() {
        let words = said("panicked at src/ż.rs:1:2:\noh\u{1b}[2J".as_bytes());
        assert_eq!(words.text().unwrap(), "panicked at src/ż.rs:1:2: oh[2J");
        assert_eq!(Words::default().text(), None);
        assert_eq!(said(&[0, 0, 0]).text(), None);
    }

    #[test]
    fn a_message_is_bounded_and_may_be_anything() {
        assert_eq!(said(&[b'a'; 9_000]).text().unwrap().len(), MAX_LEN);
        assert!(said(&[0xFF; 9]).text().is_some());
    }

    #[test]
    fn any_other_growth_is_no_message() {
        let mut words = Words::default();
        for pages in [0, 1, 2_048, MARK - 1, MARK + 256, 65_535, 65_536] {
            assert!(!words.hear(pages * PAGE), "{pages:x}");
        }
    }
}
