//! The listing on a tape.

use serde::{Deserialize, Serialize};

/// The result of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedListing {
    /// What the person can reach.
    #[serde(default)]
    pub subscriptions: Vec<TapedSubscription>,
    /// The tenants, each with its state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TapedTenant>,
    /// Warnings of what is missing.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedSubscription {
    /// The cloud's own id.
    pub id: String,
    /// For a person to read.
    pub display_name: String,
    /// The state as the cloud names it.
    #[serde(default)]
    pub state: Option<String>,
    /// The tenant it belongs to.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Additional members for apps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(String, String)>,
}

/// One tenant of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedTenant {
    /// The cloud's own id.
    pub id: String,
    /// For a person to read.
    pub display_name: String,
    /// A `tenant-state` of `provider.wit`: `ok`, `wants-mfa`.
    pub state: String,
    /// Why it could not be listed.
    #[serde(default)]
    pub reason: Option<String>,
    /// `person`, `administrator` or `operator`.
    #[serde(default)]
    pub mender: Option<String>,
    /// How the tenant becomes reachable.
    #[serde(default)]
    pub repair: Option<TapedRepair>,
    /// Additional members for apps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(String, String)>,
}

/// How a tenant becomes reachable: `"sign-in"`, `{"claims": …}` or `{"link": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "as portico_domain::account::Repair says")]
pub enum TapedRepair {
    SignIn,
    Claims(String),
    Link(String),
}
