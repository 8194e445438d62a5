//! The body of `GET /api/sessions`.

use portico_domain::{
    session::{BrowserName, Client, SystemName},
    use_cases::OwnSession,
};

use crate::response::{Json, Object, rfc3339};

/// `{sessions: [{id, current, createdAt, lastUsedAt, expiresAt, client, providers}]}`.
pub(super) fn sessions_json(sessions: &[OwnSession]) -> Vec<u8> {
    Json::object(|list| {
        list.objects("sessions", sessions, write_session);
    })
}

fn write_session(object: &mut Object<'_>, session: &OwnSession) {
    object
        .text("id", &session.label)
        .raw("current", if session.is_current { "true" } else { "false" })
        .text("createdAt", &rfc3339(session.created_at))
        .text("lastUsedAt", &rfc3339(session.seen_at))
        .text("expiresAt", &rfc3339(session.expires_at));
    match &session.client {
        Some(client) => object.object("client", |object| write_client(object, client)),
        None => object.raw("client", "null"),
    };
    object.texts("providers", &session.providers, |provider| provider.as_str());
}

/// `{browser, system, address}`.
fn write_client(object: &mut Object<'_>, client: &Client) {
    object
        .optional("browser", client.browser.map(BrowserName::name))
        .optional("system", client.system.map(SystemName::name))
        .text("address", &client.address.to_string());
}

#[cfg(test)]
mod tests {
    use portico_domain::{testing::samples, time::Timestamp};

    use super::*;

    #[test]
    fn sessions_json_has_the_documented_members() {
        let at = Timestamp::from_unix_seconds(1_795_442_700);
        let client = Client {
            browser: Some(BrowserName::Firefox),
            system: None,
            address: [192, 0, 2, 1].into(),
        };
        let session = OwnSession {
            label: "label".into(),
            is_current: true,
            created_at: at,
            seen_at: at,
            expires_at: at,
            client: Some(client),
            providers: vec![samples::azure()],
        };
        let other = OwnSession { is_current: false, client: None, ..session.clone() };
        let shown: serde_json::Value =
            serde_json::from_slice(&sessions_json(&[session, other])).unwrap();
        let at = "2026-11-23T14:05:00Z";
        let expected = |current, client| {
            serde_json::json!({
                "id": "label", "current": current, "createdAt": at, "lastUsedAt": at,
                "expiresAt": at, "client": client, "providers": ["azure"],
            })
        };
        let client = serde_json::json!(
            {"browser": "Firefox", "system": null, "address": "192.0.2.1"}
        );
        let sessions = [expected(true, client), expected(false, serde_json::Value::Null)];
        assert_eq!(shown, serde_json::json!({ "sessions": sessions }));
    }
}
