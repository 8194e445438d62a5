//! JSON that every parser reads alike.
//!
//! RFC 8259 does not define the meaning of duplicate names in an object (section 4) and of unpaired
//! surrogates (section 8.2), and parsers differ. An app that parses such a document after Portico could
//! read other values.

use std::{borrow::Cow, collections::HashSet};

/// The JSON with every unpaired surrogate replaced by U+FFFD. Some clouds write one when they truncate
/// a name within an emoji, and serde_json refuses the whole document for it.
///
/// Values that checks compare (subject, tenant, issuer, nonce, audience) are ASCII, so a replacement
/// makes none of them equal to an accepted value.
pub fn well_formed(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return Cow::Borrowed(json);
    }
    let (mut replaced, mut rest, mut is_unchanged) = (String::new(), json, true);
    while let Some((before, escape)) = rest.find('\\').map(|index| rest.split_at(index)) {
        let next = escape.get(ESCAPE_LEN..).and_then(escaped_unit);
        let (length, is_unpaired) = match (escaped_unit(escape), next) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => (PAIR_LEN, false),
            (Some(0xd800..0xe000), _) => (ESCAPE_LEN, true),
            _ => (2, false),
        };
        // A backslash before a character that is not ASCII is invalid JSON, so it is left to the parser.
        let Some(after) = escape.get(length..) else { return Cow::Borrowed(json) };
        replaced.push_str(before);
        replaced.push_str(if is_unpaired { "\\ufffd" } else { &escape[..length] });
        (rest, is_unchanged) = (after, is_unchanged && !is_unpaired);
    }
    replaced.push_str(rest);
    if is_unchanged { Cow::Borrowed(json) } else { Cow::Owned(replaced) }
}

/// The length of `\uXXXX`, and of two of them.
const ESCAPE_LEN: usize = 6;
const PAIR_LEN: usize = 12;

/// The UTF-16 code unit of a `\uXXXX` at the start of `text`.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.get(..ESCAPE_LEN)?.strip_prefix("\\u")?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Whether no object in this JSON, at any depth, has two members of the same name. The result for text
/// that is not JSON is unspecified.
pub fn has_unique_members(json: &str) -> bool {
    // The names so far in each open object; `None` for an open array.
    let mut open: Vec<Option<HashSet<String>>> = Vec::new();
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => open.push(Some(HashSet::new())),
            b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            b'"' => {
                let end = end_of_string(bytes, at);
                let is_name = bytes[end..].trim_ascii_start().first() == Some(&b':');
                if let (true, Some(Some(names))) = (is_name, open.last_mut()) {
                    // Decoded, because equal names may be escaped differently.
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

/// The index after the closing quotation mark of the string that opens at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
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
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::high_at_end(r#"{"name":"Zofia \ud83d","x":1}"#, json!({"name": "Zofia \u{fffd}", "x": 1}))]
    #[case::low_before_high(r#"["\ude00\ud83d"]"#, json!(["\u{fffd}\u{fffd}"]))]
    #[case::high_before_pair(r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"]))]
    #[case::high_after_pair(r#"["\ud83d\ude00\ud83d\n"]"#, json!(["\u{1f600}\u{fffd}\n"]))]
    #[case::two_low(r#"["\ude00\ude00"]"#, json!(["\u{fffd}\u{fffd}"]))]
    #[case::upper_case(r#"["\uD83Dx","\\\uD83D"]"#, json!(["\u{fffd}x", "\\\u{fffd}"]))]
    fn well_formed_replaces_unpaired_surrogate(#[case] json: &str, #[case] expected: Value) {
        assert!(serde_json::from_str::<Value>(json).is_err());
        assert_eq!(serde_json::from_str::<Value>(&well_formed(json)).unwrap(), expected);
    }

    #[rstest]
    #[case::no_text("{}")]
    #[case::pairs_and_other_escapes(r#"["\ud83d\ude00 \\ud83d \" \n \u00e9 \ud7ff \ue000"]"#)]
    #[case::unescaped("[\"\u{1f600}\"]")]
    #[case::backslash_alone("\\")]
    #[case::no_digits("\\u")]
    #[case::two_digits("\\ud8")]
    #[case::escape_of_non_ascii("\\\u{17c}")]
    #[case::sign_in_digits("\\u+123")]
    fn well_formed_keeps_text_without_unpaired_surrogate(#[case] json: &str) {
        assert!(matches!(well_formed(json), Cow::Borrowed(_)));
    }

    #[rstest]
    #[case::equal_values(r#"{"a":1,"a":1}"#)]
    #[case::not_adjacent(r#"{"a":1,"b":2,"a":3}"#)]
    #[case::escaped_letter(r#"{"a":1,"\u0061":2}"#)]
    #[case::escaped_quotation_mark(r#"{"a\"":1,"a\u0022":2}"#)]
    #[case::empty_name(r#"{"":1,"":2}"#)]
    #[case::white_space("{\"a\" :1,\n\"a\"\t: 2}")]
    #[case::nested(r#"{"x":{"a":1,"a":2}}"#)]
    #[case::around_object(r#"{"a":{"a":1},"a":2}"#)]
    #[case::in_arrays(r#"[{"x":[{"a":1,"b":[],"a":2}]}]"#)]
    #[case::brace_in_text(r#"{"a":"}","a":1}"#)]
    fn has_unique_members_is_false_for_duplicate(#[case] json: &str) {
        assert!(!has_unique_members(json));
    }

    #[rstest]
    #[case::empty("{}")]
    #[case::number("7")]
    #[case::text(r#""a""#)]
    #[case::nested_objects(r#"{"a":{"a":{"a":1}}}"#)]
    #[case::objects_of_an_array(r#"[{"a":1},{"a":2}]"#)]
    #[case::values(r#"{"a":"a","b":"a","c":["a","a"]}"#)]
    #[case::escaped_text(r#"{"a":"\",\"a\":1","b":"\\"}"#)]
    #[case::case_and_space(r#"{"a":1,"A":2,"a ":3}"#)]
    fn has_unique_members_is_true_for(#[case] json: &str) {
        assert!(has_unique_members(json));
    }

    #[test]
    fn has_unique_members_returns_for_invalid_json() {
        for json in ["\"", "{\"a", "{\"a\\", "}}]]", "{\"a\":\"\\"] {
            has_unique_members(json);
        }
    }
}
