//! `GET /tenants`.

use axum::Json;
use serde_json::{Value, json};

use super::Call;
use super::error::ArmError;
use super::next_link::page;
use crate::personas::Tenant;

/// Page size of short lists, which would otherwise have one page.
const SHORT_PAGE: usize = 2;
const LONG_PAGE: usize = 10;

/// The tenants that the bearer belongs to, two a page, or ten if there are more than ten.
pub(crate) async fn list(call: Call) -> Result<Json<Value>, ArmError> {
    let all = call.caller.tenants();
    let size = if all.len() > LONG_PAGE { LONG_PAGE } else { SHORT_PAGE };
    page(&call, "/tenants", &all, size, |tenant| item(&call, tenant)).map(Json)
}

fn item(call: &Call, tenant: &Tenant) -> Value {
    let is_home = tenant.id == call.caller.tenants()[0].id;
    let mut item = json!({
        "id": format!("/tenants/{}", tenant.id),
        "tenantId": tenant.id,
        "tenantType": "AAD",
    });
    if !call.caller.names_hidden(tenant) {
        item["displayName"] = call.name(tenant.name).into();
        item["defaultDomain"] = tenant.domain.into();
        item["domains"] = json!([tenant.domain]);
        item["countryCode"] = tenant.country.into();
        item["tenantCategory"] = if is_home { "Home" } else { "ProjectedBy" }.into();
    }
    item
}
