//! Where in an entry of a list the parts of a subscription stand.

use super::{Json, MAX_NAME_LEN};
use crate::{
    listing::Subscription,
    rules::text::{clean, is_plain},
};

/// The longest id that the host takes, in characters.
const MAX_ID_LEN: usize = 256;

/// Places in one entry of a list (JSON Pointers, RFC 6901).
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// What the cloud itself calls it; a text, or a whole number.
    pub id: &'a str,
    /// For a person.
    pub name: &'a str,
    /// The cloud's word for its state.
    pub state: Option<&'a str>,
    /// The tenant it belongs to.
    pub tenant: Option<&'a str>,
}

impl Fields<'_> {
    /// The subscription in an entry; `None` where it has no id that can be shown and kept.
    pub fn read(&self, entry: Json) -> Option<Subscription> {
        let id = entry.at(self.id)?.word().filter(|id| is_id(id))?;
        let name = |at: &str| {
            let cleaned = clean(&entry.at(at)?.text()?, MAX_NAME_LEN);
            Some(cleaned).filter(|name| !name.is_empty())
        };
        Some(Subscription {
            display_name: name(self.name).unwrap_or_else(|| id.clone()),
            state: self.state.and_then(name),
            tenant: self.tenant.and_then(|at| entry.at(at)?.word()).filter(|id| is_id(id)),
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
    use serde_json::{Value, json};

    use super::*;

    const FIELDS: Fields =
        Fields { id: "/id", name: "/names/0", state: Some("/state"), tenant: Some("/owner") };

    fn read(entry: &Value) -> Option<Subscription> {
        let entry = entry.to_string();
        FIELDS.read(Json::parse(&entry).unwrap())
    }

    #[test]
    fn an_entry_becomes_a_subscription() {
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
    fn a_name_that_is_missing_or_cannot_be_seen_gives_way_to_the_id() {
        for name in [json!(null), json!(7), json!(""), json!("\r\n"), json!("\u{202e}"), json!({})]
        {
            let found = read(&json!({"id": "1", "names": [name], "state": name, "owner": {}}));
            let found = found.unwrap();
            assert_eq!((found.display_name.as_str(), found.state, found.tenant), ("1", None, None));
        }
    }

    #[test]
    fn a_name_is_bounded_and_stays_text() {
        let long = read(&json!({"id": "1", "names": ["x".repeat(1 << 20)]})).unwrap();
        assert_eq!(long.display_name.len(), MAX_NAME_LEN);
        let markup = read(&json!({"id": "1", "names": ["<script>\u{0}</script>"]})).unwrap();
        assert_eq!(markup.display_name, "<script></script>");
    }

    #[test]
    fn an_entry_without_an_id_that_can_be_shown_is_none() {
        for entry in [
            json!(null),
            json!("1"),
            json!([]),
            json!({}),
            json!({"id": ""}),
            json!({"id": 1.5}),
            json!({"id": true}),
            json!({"id": " a"}),
            json!({"id": "a\r\nb"}),
            json!({"id": "a\u{202e}b"}),
            json!({"id": "x".repeat(257)}),
        ] {
            assert_eq!(read(&entry), None, "{entry}");
        }
    }
}
