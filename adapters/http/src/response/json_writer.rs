//! A fast JSON writer for responses that apps request often.
//!
//! serde_json checks strings character by character, which took a third of the time of `/api/session`
//! (docs/performance.md). This writer checks sixteen characters at a time whether a string needs
//! escapes, and leaves the few that do to serde_json.

/// A JSON text that is being written.
pub(crate) struct Json(Vec<u8>);

/// An object that is being written, with its members in the order of the calls.
pub(crate) struct Object<'a> {
    json: &'a mut Json,
    empty: bool,
}

impl Json {
    /// The JSON of one object.
    pub(crate) fn object(write: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
        let mut json = Self(Vec::with_capacity(4_096));
        json.members(write);
        json.0
    }

    fn members(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        self.0.push(b'{');
        write(&mut Object { json: self, empty: true });
        self.0.push(b'}');
    }

    fn items<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.0.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            write(self, item);
        }
        self.0.push(b']');
    }

    fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    fn text(&mut self, text: &str) {
        if needs_escape(text) {
            // Infallible for a string into memory.
            let _ = serde_json::to_writer(&mut self.0, text);
            return;
        }
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
    }
}

impl Object<'_> {
    /// A string.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name).text(text);
        self
    }

    /// A string or `null`.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        let json = self.name(name);
        match text {
            Some(text) => json.text(text),
            None => json.raw("null"),
        }
        self
    }

    /// A value that is JSON already.
    pub(crate) fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name).raw(json);
        self
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.name(name).members(write);
        self
    }

    /// An array of strings.
    pub(crate) fn texts<T>(
        &mut self,
        name: &str,
        items: &[T],
        text: impl Fn(&T) -> &str,
    ) -> &mut Self {
        self.name(name).items(items, |json, item| json.text(text(item)));
        self
    }

    /// An array of objects.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        items: &[T],
        write: impl Fn(&mut Object<'_>, &T),
    ) -> &mut Self {
        self.name(name).items(items, |json, item| json.members(|object| write(object, item)));
        self
    }

    fn name(&mut self, name: &str) -> &mut Json {
        if !self.empty {
            self.json.0.push(b',');
        }
        self.empty = false;
        self.json.text(name);
        self.json.0.push(b':');
        self.json
    }
}

/// Whether a string contains characters that must be escaped (RFC 8259 section 7). There is no early
/// return, so that the compiler can vectorise the loop.
fn needs_escape(text: &str) -> bool {
    let escaped = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
    text.bytes().fold(0, |found, b| found | escaped(b)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut json = Json(Vec::new());
        json.text(text);
        String::from_utf8(json.0).unwrap()
    }

    #[test]
    fn text_equals_serde_json_for_any_string() {
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
    fn object_writes_members_arrays_and_null() {
        let json = Json::object(|object| {
            object.texts("a\"", &["x", "y"], |it| it).texts("b", &[], |it: &&str| it);
            object.optional("c", None).optional("d", Some("e")).raw("f", "1");
            object.object("g", |_| {}).object("h", |it| {
                it.text("i", "j");
            });
            object.objects("k", &["l", "m"], |object, item| {
                object.text("n", item);
            });
        });
        let expected = r#"{"a\"":["x","y"],"b":[],"c":null,"d":"e","f":1,"g":{},"h":{"i":"j"},"k":[{"n":"l"},{"n":"m"}]}"#;
        assert_eq!(String::from_utf8(json).unwrap(), expected);
    }
}
