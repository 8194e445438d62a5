//! One page of `GET /subscriptions`, read leniently: what is wrong with one entry costs that entry.

use portico_domain::{account::Subscription, text::clean};
use serde::Deserialize;
use serde_json::Value;

use crate::MAX_NAME_LEN;

/// The longest state that is kept, in characters: the longest of Azure's own has 8.
const MAX_STATE_LEN: usize = 64;
/// The longest id that is kept, in bytes: Azure's have 36.
const MAX_ID_LEN: usize = 128;

/// A page as it came.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) value: Vec<Value>,
    #[serde(rename = "nextLink")]
    pub(crate) next_link: Option<String>,
}

/// The subscription in an entry; `None` where it has no usable id.
pub(crate) fn subscription(entry: &Value) -> Option<Subscription> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let id = text("subscriptionId").filter(|id| is_id(id))?;
    let cleaned = |name: &str, longest| {
        let cleaned = text(name).map(|text| clean(text, longest));
        cleaned.filter(|text| !text.is_empty())
    };
    Some(Subscription {
        id: id.into(),
        display_name: cleaned("displayName", MAX_NAME_LEN).unwrap_or_else(|| id.into()),
        state: cleaned("state", MAX_STATE_LEN),
        tenant: text("tenantId").filter(|tenant| is_id(tenant)).map(String::from),
        extra: vec![],
    })
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_becomes_a_subscription() {
        let entry = json!({
            "id": "/subscriptions/1", "subscriptionId": "1", "tenantId": "t",
            "displayName": "Production", "state": "Enabled", "subscriptionPolicies": {},
        });
        let expected = Subscription {
            id: "1".into(),
            display_name: "Production".into(),
            state: Some("Enabled".into()),
            tenant: Some("t".into()),
            extra: vec![],
        };
        assert_eq!(subscription(&entry), Some(expected));
    }

    #[test]
    fn a_name_that_is_missing_or_invisible_gives_way_to_the_id() {
        for name in [json!(null), json!(7), json!(""), json!("\r\n")] {
            let found = subscription(&json!({"subscriptionId": "1", "displayName": name}));
            assert_eq!(found.unwrap().display_name, "1", "{name}");
        }
    }

    #[test]
    fn names_are_bounded_and_stay_text() {
        let long = json!({"subscriptionId": "1", "displayName": "x".repeat(1 << 20)});
        assert_eq!(subscription(&long).unwrap().display_name.len(), MAX_NAME_LEN);
        let markup = json!({"subscriptionId": "1", "displayName": "<script>\u{0}</script>"});
        assert_eq!(subscription(&markup).unwrap().display_name, "<script></script>");
    }

    #[test]
    fn an_entry_without_a_usable_id_is_none() {
        for entry in [
            json!({}),
            json!(null),
            json!("1"),
            json!({"subscriptionId": 1}),
            json!({"subscriptionId": ""}),
            json!({"subscriptionId": "a b"}),
            json!({"subscriptionId": "a\r\nb"}),
            json!({"subscriptionId": "x".repeat(129)}),
        ] {
            assert_eq!(subscription(&entry), None, "{entry}");
        }
    }
}
