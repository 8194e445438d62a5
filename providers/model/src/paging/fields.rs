//! Reads a subscription from an entry of a list.

use super::{Json, MAX_NAME_LEN};
use crate::{
    listing::Subscription,
    rules::text::{clean, is_plain},
};

/// The longest id that the host accepts, in characters.
const MAX_ID_LEN: usize = 256;

/// JSON Pointers (RFC 6901) to the parts of a subscription within an entry.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// The cloud's own id; a text or a whole number.
    pub id: &'a str,
    /// A name for people.
    pub name: &'a str,
    /// The state as the cloud names it.
    pub state: Option<&'a str>,
    /// The tenant it belongs to.
    pub tenant: Option<&'a str>,
}

impl Fields<'_> {
    /// The subscription in an entry; `None` if the entry has no valid id. An invalid name is replaced by
    /// the id.
    pub fn read(&self, entry: Json) -> Option<Subscription> {
        let id = entry.at(self.id)?.text_or_number().filter(|id| is_id(id))?;
        let name = |pointer: &str| {
            let cleaned = clean(&entry.at(pointer)?.text()?, MAX_NAME_LEN);
            Some(cleaned).filter(|name| !name.is_empty())
        };
        Some(Subscription {
            display_name: name(self.name).unwrap_or_else(|| id.clone()),
            state: self.state.and_then(name),
            tenant: self
                .tenant
                .and_then(|at| entry.at(at)?.text_or_number())
                .filter(|id| is_id(id)),
            id,
            extra: vec![],
        })
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= 4 * MAX_ID_LEN && is_plain(text, MAX_ID_LEN)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    const FIELDS: Fields =
        Fields { id: "/id", name: "/names/0", state: Some("/state"), tenant: Some("/owner") };

    fn read(entry: &Value) -> Option<Subscription> {
        let entry = entry.to_string();
        FIELDS.read(Json::parse(&entry).unwrap())
    }

    #[test]
    fn read_takes_all_fields_of_an_entry() {
        let entry = json!({"id": 7, "names": ["Website"], "state": "ACTIVE", "owner": "t"});
        let expected = Subscription {
            id: "7".into(),
            display_name: "Website".into(),
            state: Some("ACTIVE".into()),
            tenant: Some("t".into()),
            extra: vec![],
        };
        assert_eq!(read(&entry), Some(expected));
    }

    #[test]
    fn read_shows_id_if_name_is_missing_or_invisible() {
        for name in [json!(null), json!(7), json!(""), json!("\r\n"), json!("\u{202e}"), json!({})]
        {
            let found = read(&json!({"id": "1", "names": [name], "state": name, "owner": {}}));
            let found = found.unwrap();
            assert_eq!((found.display_name.as_str(), found.state, found.tenant), ("1", None, None));
        }
    }

    #[test]
    fn read_truncates_name_and_keeps_markup_as_text() {
        let long = read(&json!({"id": "1", "names": ["x".repeat(1 << 20)]})).unwrap();
        assert_eq!(long.display_name.len(), MAX_NAME_LEN);
        let markup = read(&json!({"id": "1", "names": ["<script>\u{0}</script>"]})).unwrap();
        assert_eq!(markup.display_name, "<script></script>");
    }

    #[rstest]
    #[case::null(json!(null))]
    #[case::text(json!("1"))]
    #[case::array(json!([]))]
    #[case::no_id(json!({}))]
    #[case::empty_id(json!({"id": ""}))]
    #[case::fraction(json!({"id": 1.5}))]
    #[case::boolean(json!({"id": true}))]
    #[case::leading_space(json!({"id": " a"}))]
    #[case::line_break(json!({"id": "a\r\nb"}))]
    #[case::direction_mark(json!({"id": "a\u{202e}b"}))]
    #[case::too_long(json!({"id": "x".repeat(257)}))]
    fn read_returns_none_without_valid_id(#[case] entry: Value) {
        assert_eq!(read(&entry), None);
    }
}
