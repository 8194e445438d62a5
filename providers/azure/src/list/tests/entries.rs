//! What is read of an entry.

use super::*;

/// The subscription of a page with this entry only.
fn read(entry: &Value) -> Option<Subscription> {
    let body = json!({"value": [entry]}).to_string();
    let mut page = page(&Reply { status: 200, headers: vec![], body }).unwrap();
    assert_eq!(page.subscriptions.len() + page.passed_over, 1, "{entry}");
    page.subscriptions.pop()
}

#[test]
fn page_reads_all_fields_of_an_entry() {
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
    assert_eq!(read(&entry), Some(expected));
}

#[test]
fn missing_or_invisible_name_is_replaced_by_id() {
    for name in [json!(null), json!(7), json!(""), json!("\r\n")] {
        let found = read(&json!({"subscriptionId": "1", "displayName": name}));
        assert_eq!(found.unwrap().display_name, "1", "{name}");
    }
}

#[test]
fn name_is_truncated_and_markup_stays_text() {
    let long = json!({"subscriptionId": "1", "displayName": "x".repeat(1 << 20)});
    assert_eq!(read(&long).unwrap().display_name.len(), 256);
    let markup = json!({"subscriptionId": "1", "displayName": "<script>\u{0}</script>"});
    assert_eq!(read(&markup).unwrap().display_name, "<script></script>");
}

#[rstest]
#[case::no_id(json!({}))]
#[case::null(json!(null))]
#[case::text(json!("1"))]
#[case::fraction(json!({"subscriptionId": 1.5}))]
#[case::empty(json!({"subscriptionId": ""}))]
#[case::space(json!({"subscriptionId": "a b"}))]
#[case::line_break(json!({"subscriptionId": "a\r\nb"}))]
#[case::too_long(json!({"subscriptionId": "x".repeat(129)}))]
fn entry_without_valid_id_is_skipped(#[case] entry: Value) {
    assert_eq!(read(&entry), None);
}
