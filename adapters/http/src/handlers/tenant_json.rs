//! A tenant of an account, and what providers say beside, as `/api/session` shows them.

use portico_domain::account::{Mender, Repair, Tenant, TenantState};

use crate::json::Json;

/// `{id, displayName, state, reason, mender, repair, extra}`.
pub(super) fn tenant_json(json: &mut Json, tenant: &Tenant) {
    json.raw("{\"id\":").text(&tenant.id);
    json.raw(",\"displayName\":").text(&tenant.display_name);
    json.raw(",\"state\":").text(state(tenant.state));
    json.raw(",\"reason\":").optional(tenant.reason.as_deref());
    json.raw(",\"mender\":").optional(tenant.mender.map(mender));
    json.raw(",\"repair\":");
    match &tenant.repair {
        None => json.raw("null"),
        Some(Repair::SignIn) => json.raw("{\"signIn\":true}"),
        // Claims are JSON already: a provider's were read when they came.
        Some(Repair::Claims(claims)) => json.raw("{\"claims\":").raw(claims).raw("}"),
        Some(Repair::Link(link)) => json.raw("{\"link\":").text(link).raw("}"),
    };
    extra_json(json, &tenant.extra);
    json.raw("}");
}

/// `,"extra":{…}`, where there is something.
pub(super) fn extra_json(json: &mut Json, extra: &[(String, String)]) {
    let mut before = ",\"extra\":{";
    for (key, value) in extra {
        json.raw(before).text(key).raw(":").text(value);
        before = ",";
    }
    if !extra.is_empty() {
        json.raw("}");
    }
}

fn state(state: TenantState) -> &'static str {
    match state {
        TenantState::Ok => "ok",
        TenantState::Empty => "empty",
        TenantState::WantsMfa => "wants_mfa",
        TenantState::WantsConsent => "wants_consent",
        TenantState::Blocked => "blocked",
        TenantState::Unreachable => "unreachable",
    }
}

fn mender(mender: Mender) -> &'static str {
    match mender {
        Mender::Person => "person",
        Mender::Administrator => "administrator",
        Mender::Operator => "operator",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(tenant: &Tenant) -> serde_json::Value {
        let mut json = Json::with_capacity(0);
        tenant_json(&mut json, tenant);
        serde_json::from_slice(&json.into_bytes()).unwrap()
    }

    #[test]
    fn a_tenant_is_shown_with_its_state_who_mends_it_and_how() {
        let blocked = Tenant {
            id: "fabrikam".into(),
            display_name: "Fabrikam \"<b>".into(),
            state: TenantState::WantsMfa,
            reason: Some("Use a second factor.".into()),
            mender: Some(Mender::Person),
            repair: Some(Repair::Claims(r#"{"acrs":{"value":"c1"}}"#.into())),
            extra: vec![("country".into(), "PL".into()), ("plan".into(), "free".into())],
        };
        let expected = serde_json::json!({
            "id": "fabrikam", "displayName": "Fabrikam \"<b>", "state": "wants_mfa",
            "reason": "Use a second factor.", "mender": "person",
            "repair": {"claims": {"acrs": {"value": "c1"}}},
            "extra": {"country": "PL", "plan": "free"},
        });
        assert_eq!(written(&blocked), expected);
        let well = Tenant {
            state: TenantState::Ok,
            reason: None,
            mender: None,
            repair: None,
            extra: vec![],
            ..blocked
        };
        let expected = serde_json::json!({
            "id": "fabrikam", "displayName": "Fabrikam \"<b>", "state": "ok", "reason": null,
            "mender": null, "repair": null,
        });
        assert_eq!(written(&well), expected);
    }
}
