//! JSON in which every member has one value.
//!
//! RFC 8259 section 4 leaves open what a name means that stands twice in an object, and parsers
//! differ. Whoever reads such a document after Portico could read another one.

use std::{borrow::Cow, collections::HashSet};

/// This JSON with each half of a surrogate pair that stands alone replaced by U+FFFD: RFC 8259
/// section 8.2 lets such a text be, some clouds write one where they cut a name in the middle of an
/// emoji, and one name would cost the whole document.
///
/// What checks compare (subject, tenant, issuer, nonce, audience) is ASCII: nothing that held a half
/// becomes equal to anything that may be.
pub fn well_formed(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return Cow::Borrowed(json);
    }
    let (mut mended, mut rest, mut whole) = (String::new(), json, true);
    while let Some((before, escape)) = rest.find('\\').map(|at| rest.split_at(at)) {
        let next = escape.get(ESCAPE..).and_then(escaped_unit);
        let (length, is_half) = match (escaped_unit(escape), next) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => (PAIR, false),
            (Some(0xd800..0xe000), _) => (ESCAPE, true),
            _ => (2, false),
        };
        // A backslash before anything but ASCII is no JSON: nobody reads it.
        let Some(after) = escape.get(length..) else { return Cow::Borrowed(json) };
        mended.push_str(before);
        mended.push_str(if is_half { "\\ufffd" } else { &escape[..length] });
        (rest, whole) = (after, whole && !is_half);
    }
    mended.push_str(rest);
    if whole { Cow::Borrowed(json) } else { Cow::Owned(mended) }
}

/// The length of `\uXXXX`, and of two of them.
const ESCAPE: usize = 6;
const PAIR: usize = 12;

/// The UTF-16 code unit of the escape that `text` begins with.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.get(..ESCAPE)?.strip_prefix("\\u")?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Whether no object in this text, at any depth, has two members of one name. The text must be
/// JSON; one that is not may get either answer.
pub fn has_unique_members(json: &str) -> bool {
    // The names so far in each object that is open; an array has none.
    let mut open: Vec<Option<HashSet<String>>> = Vec::new();
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => open.push(Some(HashSet::new())),
            b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            b'"' => {
                let end = end_of_text(bytes, at);
                let is_name = bytes[end..].trim_ascii_start().first() == Some(&b':');
                if let (true, Some(Some(names))) = (is_name, open.last_mut()) {
                    // The same name may be escaped in one place.
                    let name = serde_json::from_str(&json[at..end]).unwrap_or_default();
                    if !names.insert(name) {
                        return false;
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    true
}

/// Behind the quotation mark that ends the text which begins at `begin`.
fn end_of_text(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn half_a_surrogate_pair_costs_one_sign_and_not_the_document() {
        for (json, read) in [
            (r#"{"name":"Zofia \ud83d","x":1}"#, json!({"name": "Zofia \u{fffd}", "x": 1})),
            (r#"["\ude00\ud83d"]"#, json!(["\u{fffd}\u{fffd}"])),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"])),
            (r#"["\ud83d\ude00\ud83d\n"]"#, json!(["\u{1f600}\u{fffd}\n"])),
            (r#"["\ude00\ude00"]"#, json!(["\u{fffd}\u{fffd}"])),
            (r#"["\uD83Dx","\\\uD83D"]"#, json!(["\u{fffd}x", "\\\u{fffd}"])),
        ] {
            assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
            assert_eq!(serde_json::from_str::<Value>(&well_formed(json)).unwrap(), read, "{json}");
        }
    }

    #[test]
    fn what_is_whole_stays_as_it_is() {
        for json in [
            "{}",
            r#"["\ud83d\ude00 \\ud83d \" \n \u00e9 \ud7ff \ue000"]"#,
            "[\"\u{1f600}\"]",
            "\\",
            "\\u",
            "\\ud8",
            "\\\u{17c}",
            "\\u+123",
        ] {
            assert!(matches!(well_formed(json), Cow::Borrowed(_)), "{json}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_noticed_at_any_depth() {
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a\"":1,"a\u0022":2}"#,
            r#"{"":1,"":2}"#,
            "{\"a\" :1,\n\"a\"\t: 2}",
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"a":{"a":1},"a":2}"#,
            r#"[{"x":[{"a":1,"b":[],"a":2}]}]"#,
            r#"{"a":"}","a":1}"#,
        ] {
            assert!(!has_unique_members(json), "{json}");
        }
    }

    #[test]
    fn the_same_name_in_different_objects_and_as_a_value_is_fine() {
        for json in [
            "{}",
            "7",
            r#""a""#,
            r#"{"a":{"a":{"a":1}}}"#,
            r#"[{"a":1},{"a":2}]"#,
            r#"{"a":"a","b":"a","c":["a","a"]}"#,
            r#"{"a":"\",\"a\":1","b":"\\"}"#,
            r#"{"a":1,"A":2,"a ":3}"#,
        ] {
            assert!(has_unique_members(json), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_ends_too() {
        for json in ["\"", "{\"a", "{\"a\\", "}}]]", "{\"a\":\"\\"] {
            has_unique_members(json);
        }
    }
}
