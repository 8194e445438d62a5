//! Writes JSON for the one answer that apps ask for with every request of their own.
//!
//! serde_json looks at every character of a string on its own, which took a third of the time of
//! `/api/session`. Nearly every string there needs no escape, and that can be seen sixteen
//! characters at a time; the others are left to serde_json.

/// JSON being written.
pub(crate) struct Json(Vec<u8>);

impl Json {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Text that is JSON already.
    pub(crate) fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// A string.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        if needs_escape(text) {
            // A string into memory: there is nothing that can fail.
            let _ = serde_json::to_writer(&mut self.0, text);
            return self;
        }
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
        self
    }

    /// A string or `null`.
    pub(crate) fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// A list, each item as `write` writes it.
    pub(crate) fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) -> &mut Self {
        self.0.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            write(self, item);
        }
        self.0.push(b']');
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Whether a string holds what RFC 8259 section 7 says must be escaped. It looks at all of it
/// without stopping early, which lets the compiler look at many characters at once.
fn needs_escape(text: &str) -> bool {
    let escaped = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
    text.bytes().fold(0, |found, b| found | escaped(b)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut json = Json::with_capacity(0);
        json.text(text);
        String::from_utf8(json.into_bytes()).unwrap()
    }

    #[test]
    fn every_string_is_written_as_serde_json_writes_it() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        let long = "a".repeat(1_000);
        let evil = "\"},{\"id\":\"\\\u{0}\u{1f}\u{7f}\u{2028}</script>";
        for text in ["", "Zofia", "\"", "\\", "\n", "Łódź 🏛", evil, &all, &long] {
            assert_eq!(written(text), serde_json::to_string(text).unwrap());
        }
        for character in all.chars() {
            let text = format!("sixteen letters and {character}");
            assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn lists_and_nothing_are_written_as_json() {
        let mut json = Json::with_capacity(0);
        let text = |json: &mut Json, item: &&str| {
            json.text(item);
        };
        json.list(&["a", "b"], text).list(&[], text).optional(None);
        assert_eq!(json.into_bytes(), br#"["a","b"][]null"#);
    }
}
