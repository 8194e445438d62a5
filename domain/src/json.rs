//! JSON in which every member has one value.
//!
//! RFC 8259 section 4 leaves open what a name means that stands twice in an object, and parsers
//! differ. Whoever reads such a document after Portico could read another one.

use std::collections::HashSet;

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
    use super::*;

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
