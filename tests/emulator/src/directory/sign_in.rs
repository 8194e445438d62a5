//! What a sign-in has proved. Refresh tokens hold it, so that those of an earlier sign-in do not have it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bytes::guid_from;
use crate::personas::Tenant;

/// The authentication context that Resource Manager demands for MFA (the claim `acrs`, as in azure-cli#31699).
pub(crate) const RESOURCE_MANAGER_CLAIM: &str = "p1";

/// One interactive sign-in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct SignIn {
    /// The id of the tenant that the person signed in to.
    pub(crate) tenant: String,
    /// Values of the claims request that the sign-in satisfied.
    pub(crate) claims: Vec<String>,
    /// Number of refusals that had been set before it.
    pub(crate) at: u64,
    /// The browser's session, for the optional claim `sid`.
    #[serde(default)]
    pub(crate) session: Option<String>,
}

/// The id of a tenant's policy that demands a second factor; a claims request contains it as `capolids`.
pub(crate) fn policy_id(tenant: &Tenant) -> String {
    guid_from(tenant.id)
}

/// The values of `access_token` in a claims request (OpenID Connect Core section 5.5); `None` if it is no JSON object.
pub(crate) fn requested_claims(text: &str) -> Option<Vec<String>> {
    let request: Value = serde_json::from_str(text).ok()?;
    let members = request.as_object()?.get("access_token").and_then(Value::as_object);
    let claims = members.into_iter().flat_map(|members| members.values());
    let values = claims.flat_map(|claim| {
        let one = claim["value"].as_str();
        let several = claim["values"].as_array().into_iter().flatten();
        one.into_iter().chain(several.filter_map(Value::as_str))
    });
    Some(values.map(str::to_owned).collect())
}
