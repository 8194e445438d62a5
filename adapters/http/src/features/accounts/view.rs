//! JSON of subscriptions and tenants.

use portico_domain::{
    account::{Account, ListingState, Mender, Repair, Subscription, Tenant, TenantState},
    identity::{ProviderId, VerifiedEmail},
};
use url::form_urlencoded;

use super::{MAX_DETAILS, next_page};
use crate::response::{Json, Object, rfc3339};

/// `{subscriptions, total, refreshedAt, next}`, with the subscriptions after so many.
pub(super) fn page_json(account: &Account, after: usize) -> Vec<u8> {
    let total = account.subscriptions.len();
    let from = after.min(total);
    let to = from.saturating_add(MAX_DETAILS).min(total);
    Json::object(|page| {
        page.objects("subscriptions", &account.subscriptions[from..to], write_subscription)
            .raw("total", &total.to_string())
            .text("refreshedAt", &rfc3339(account.refreshed_at))
            .optional("next", next_page(account, to).as_deref());
    })
}

/// `{id, provider, tenantId, subject, displayName, username, email}`: the person of an account, in the
/// same form for every cloud.
pub(crate) fn write_identity(object: &mut Object<'_>, account: &Account) {
    let identity = &account.identity;
    object
        .optional("id", account.person.map(|person| person.id()).as_deref())
        .text("provider", account.provider.as_str())
        .text("tenantId", identity.tenant.as_str())
        .text("subject", identity.subject.as_str())
        .text("displayName", &identity.display_name)
        .optional("username", identity.username.as_deref())
        .optional("email", account.email.as_ref().map(VerifiedEmail::as_str));
}

/// `{id, displayName, state, tenantId, extra}`.
pub(crate) fn write_subscription(object: &mut Object<'_>, subscription: &Subscription) {
    object
        .text("id", &subscription.id)
        .text("displayName", &subscription.display_name)
        .optional("state", subscription.state.as_deref())
        .optional("tenantId", subscription.tenant.as_deref());
    write_extra(object, &subscription.extra);
}

/// `{id, displayName, state, reason, mender, repair, extra}`.
pub(crate) fn write_tenant(object: &mut Object<'_>, provider: &ProviderId, tenant: &Tenant) {
    object
        .text("id", &tenant.id)
        .text("displayName", &tenant.display_name)
        .text("state", tenant_state(tenant.state))
        .optional("reason", tenant.reason.as_deref())
        .optional("mender", tenant.mender.map(mender));
    match &tenant.repair {
        None => object.raw("repair", "null"),
        Some(repair) => object.object("repair", |object| {
            write_repair(object, repair);
            object.text("href", &repair_href(provider, tenant, repair));
        }),
    };
    write_extra(object, &tenant.extra);
}

/// The URL that repairs the tenant: a login of Portico's, or the provider's page.
pub(crate) fn repair_href(provider: &ProviderId, tenant: &Tenant, repair: &Repair) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("tenant", &tenant.id);
    match repair {
        Repair::Link(link) => return link.clone(),
        Repair::SignIn => {}
        Repair::Claims(claims) => drop(query.append_pair("claims", claims)),
    }
    format!("/api/login/{provider}?{}", query.finish())
}

/// `{signIn}`, `{claims}` or `{link}`.
fn write_repair(object: &mut Object<'_>, repair: &Repair) {
    match repair {
        Repair::SignIn => object.raw("signIn", "true"),
        // JSON already: claims of a provider are parsed when they arrive.
        Repair::Claims(claims) => object.raw("claims", claims),
        Repair::Link(link) => object.text("link", link),
    };
}

/// `extra`, if it is not empty.
fn write_extra(object: &mut Object<'_>, extra: &[(String, String)]) {
    if !extra.is_empty() {
        object.object("extra", |object| {
            for (key, value) in extra {
                object.text(key, value);
            }
        });
    }
}

/// The `listing` of an account.
pub(crate) fn listing_state(state: ListingState) -> &'static str {
    match state {
        ListingState::InProgress => "in_progress",
        ListingState::Partial => "partial",
        ListingState::Complete => "complete",
    }
}

/// The `state` of a tenant.
pub(crate) fn tenant_state(state: TenantState) -> &'static str {
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

    #[test]
    fn repair_href_is_a_login_to_the_tenant_or_the_providers_page() {
        let azure = ProviderId::parse("azure").unwrap();
        let tenant = Tenant {
            id: "a b&c".into(),
            display_name: "A".into(),
            state: TenantState::WantsConsent,
            reason: None,
            mender: None,
            repair: None,
            extra: vec![],
        };
        let href = |repair| repair_href(&azure, &tenant, &repair);
        assert_eq!(href(Repair::SignIn), "/api/login/azure?tenant=a+b%26c");
        assert_eq!(href(Repair::Link("https://a.example/x".into())), "https://a.example/x");
    }

    fn written(tenant: &Tenant) -> serde_json::Value {
        let azure = ProviderId::parse("azure").unwrap();
        let json = Json::object(|object| write_tenant(object, &azure, tenant));
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn write_tenant_has_state_mender_and_repair() {
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
            "repair": {
                "claims": {"acrs": {"value": "c1"}},
                "href": "/api/login/azure?tenant=fabrikam\
                         &claims=%7B%22acrs%22%3A%7B%22value%22%3A%22c1%22%7D%7D",
            },
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
