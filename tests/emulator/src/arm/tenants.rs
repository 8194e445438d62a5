//! `GET /tenants`.

use axum::Json;
use serde_json::{Value, json};

use super::Call;
use super::error::ArmError;
use super::next_link::page;
use crate::personas::Tenant;

const PAGE: usize = 2;

/// The tenants that the bearer belongs to, two a page.
pub(crate) async fn list(call: Call) -> Result<Json<Value>, ArmError> {
    page(&call, "/tenants", &call.caller.tenants(), PAGE, |tenant| item(&call, tenant)).map(Json)
}

fn item(call: &Call, tenant: &Tenant) -> Value {
    let is_home = tenant.id == call.caller.tenants()[0].id;
    json!({
        "id": format!("/tenants/{}", tenant.id),
        "tenantId": tenant.id,
        "displayName": call.name(tenant.name),
        "defaultDomain": tenant.domain,
        "domains": [tenant.domain],
        "countryCode": tenant.country,
        "tenantCategory": if is_home { "Home" } else { "ProjectedBy" },
        "tenantType": "AAD",
    })
}
