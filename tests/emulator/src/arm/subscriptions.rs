//! `GET /subscriptions` and `GET /subscriptions/{id}`.

use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

use super::Call;
use super::error::ArmError;
use super::next_link::page;
use crate::personas::Subscription;

/// Page size of short lists, which would otherwise have one page.
const SHORT_PAGE: usize = 3;
const LONG_PAGE: usize = 25;

/// The subscriptions that the bearer can list in the token's tenant, three a page, or 25 if there are more than 25.
pub(crate) async fn list(call: Call) -> Result<Json<Value>, ArmError> {
    let all = call.caller.subscriptions();
    let size = if all.len() > LONG_PAGE { LONG_PAGE } else { SHORT_PAGE };
    let mut answer = page(&call, "/subscriptions", all, size, |one| item(&call, one))?;
    if let Some(entries) = answer["value"].as_array_mut()
        && call.params.get("$skiptoken").is_none()
    {
        let made_up = |n| json!({ "subscriptionId": format!("{n:080}"), "displayName": "Made up" });
        entries.splice(0..0, (0..call.faults.made_up()).map(made_up));
    }
    answer["count"] = json!({ "type": "Total", "value": all.len() });
    Ok(Json(answer))
}

/// One subscription.
pub(crate) async fn get(Path(id): Path<String>, call: Call) -> Result<Json<Value>, ArmError> {
    let found = call.caller.subscriptions().iter().find(|one| one.id.eq_ignore_ascii_case(&id));
    found.map(|one| Json(item(&call, one))).ok_or_else(|| ArmError::no_subscription(&id))
}

fn item(call: &Call, subscription: &Subscription) -> Value {
    let managed_by = subscription.managed_by.iter().map(|id| json!({ "tenantId": id }));
    json!({
        "id": format!("/subscriptions/{}", subscription.id),
        "authorizationSource": "RoleBased",
        "managedByTenants": managed_by.collect::<Vec<_>>(),
        "subscriptionId": subscription.id,
        "tenantId": subscription.owner.unwrap_or(call.caller.tenant().id),
        "displayName": call.name(subscription.name),
        "state": subscription.state,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}
