//! A JSON document that is parsed as far as it is read.
//!
//! There is no tree of values: that of 1 MiB of small objects takes 80 MiB, and a sandbox has less.

mod member;

use serde_json::value::RawValue;

use self::member::member;
use crate::rules::json::well_formed;

/// The reply is not the expected JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// A value in a JSON document.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(&'a RawValue);

impl<'a> Json<'a> {
    /// Parses a document.
    pub fn parse(text: &'a str) -> Result<Self, Unreadable> {
        serde_json::from_str(text).map(Self).map_err(|_| Unreadable)
    }

    /// The value at a JSON Pointer (RFC 6901): `/account/uuid`. The empty pointer is the value itself.
    pub fn at(self, pointer: &str) -> Option<Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |value, segment| {
            if value.is_list() { value.item(segment) } else { value.member(segment) }
        })
    }

    /// The text of a string.
    pub fn text(self) -> Option<String> {
        serde_json::from_str(&well_formed(self.0.get())).ok()
    }

    /// The text of a string, or the digits of a whole number: some clouds use numeric ids. The host reads
    /// identities by the same rule.
    pub fn text_or_number(self) -> Option<String> {
        let number = self.0.get();
        let unsigned = number.parse::<u64>().ok().map(|number| number.to_string());
        let signed = || number.parse::<i64>().ok().filter(|n| *n != 0).map(|n| n.to_string());
        self.text().or(unsigned).or_else(signed)
    }

    /// The items of an array.
    pub fn items(self) -> Option<Vec<Self>> {
        let items: Vec<&RawValue> = serde_json::from_str(self.0.get()).ok()?;
        Some(items.into_iter().map(Self).collect())
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.get().starts_with('{')
    }

    /// Whether it is true.
    pub fn is_true(self) -> bool {
        self.0.get() == "true"
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0.get() == "null"
    }

    fn is_list(self) -> bool {
        self.0.get().starts_with('[')
    }

    fn member(self, segment: &str) -> Option<Self> {
        let name = segment.replace("~1", "/").replace("~0", "~");
        member(self.0, &name).map(Self)
    }

    fn item(self, segment: &str) -> Option<Self> {
        let is_index = segment == "0" || !segment.starts_with(['0', '+']);
        let index: usize = segment.parse().ok().filter(|_| is_index)?;
        self.items()?.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    const DOCUMENT: &str = r#" {"a":{"b":[10,{"c":"ż\n"}],"x/y":1,"m~n":2,"":3}, "deep": [[[]]],
        "twice":1,"twice":"2","number":-7,"float":1.5,"zero":-0,"big":18446744073709551616,
        "flag":true,"none":null,"e":1e2} "#;

    #[rstest]
    #[case::document("")]
    #[case::member("/a")]
    #[case::array("/a/b")]
    #[case::item("/a/b/0")]
    #[case::member_of_item("/a/b/1/c")]
    #[case::index_out_of_range("/a/b/2")]
    #[case::leading_zero("/a/b/01")]
    #[case::sign("/a/b/+1")]
    #[case::after_last_item("/a/b/-")]
    #[case::escaped_slash("/a/x~1y")]
    #[case::escaped_tilde("/a/m~0n")]
    #[case::empty_name("/a/")]
    #[case::nested_arrays("/deep/0/0")]
    #[case::duplicate_member("/twice")]
    #[case::null("/none")]
    #[case::missing_member("/nobody")]
    #[case::no_slash("a")]
    #[case::member_of_boolean("/flag/x")]
    #[case::item_of_number("/number/0")]
    fn at_finds_the_value_that_serde_json_finds(#[case] pointer: &str) {
        let tree: Value = serde_json::from_str(DOCUMENT).unwrap();
        let found = Json::parse(DOCUMENT).unwrap().at(pointer);
        let found = found.map(|json| serde_json::from_str(json.0.get()).unwrap());
        assert_eq!(found.as_ref(), tree.pointer(pointer));
    }

    #[test]
    fn text_or_number_returns_text_or_whole_number() {
        let json = Json::parse(DOCUMENT).unwrap();
        let read = |pointer: &str| json.at(pointer).and_then(Json::text_or_number);
        assert_eq!(read("/a/b/1/c").as_deref(), Some("ż\n"));
        assert_eq!(read("/number").as_deref(), Some("-7"));
        assert_eq!(read("/a/b/0").as_deref(), Some("10"));
        for pointer in ["/float", "/zero", "/big", "/flag", "/none", "/a", "/e", "/deep"] {
            assert_eq!(read(pointer), None, "{pointer}");
        }
    }

    #[test]
    fn parse_refuses_invalid_json() {
        for invalid in ["", "{", "[1,]", "nul", "{} {}", "\u{0}", "<html>"] {
            assert_eq!(Json::parse(invalid).err(), Some(Unreadable), "{invalid}");
        }
    }

    #[test]
    fn at_reads_beside_one_hundred_thousand_nested_arrays() {
        let deep = format!(r#"{{"x":{}{},"id":"1"}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let json = Json::parse(&deep).unwrap();
        assert_eq!(json.at("/id").and_then(Json::text_or_number).as_deref(), Some("1"));
        assert!(json.at("/x/0/0").is_some());
    }
}
