//! What stands on a tape: the domain's values as serde writes them.

use serde::{Deserialize, Serialize};

use super::Body;

/// Which provider was taped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedProvider {
    /// `azure`.
    pub id: String,
    /// The provider's own version.
    pub version: String,
}

/// What a provider answered: `{"ok": …}` or `{"problem": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answered<T> {
    /// What was asked for.
    Ok(T),
    /// Why not.
    Problem(TapedProblem),
}

/// Why a provider could not go on: its case and its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "as portico_domain::provider::Problem says")]
pub enum TapedProblem {
    Setting { key: String, why: String },
    Unexpected(String),
    Refused { code: String, help: String },
    Challenge(String),
    Other { code: String, message: String },
    Broken(String),
}

/// Whose listing it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedPerson {
    /// Stable within the tenant.
    pub subject: String,
    /// The tenant signed in to.
    pub tenant: String,
    /// For a person to read.
    pub display_name: String,
    /// What the person types to sign in.
    #[serde(default)]
    pub username: Option<String>,
    /// What the sign-in asks to be told of the token reply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_reply: Vec<(String, String)>,
}

/// One step of a listing: what was asked for side by side, and what came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedStep {
    /// How long the host was asked to wait before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_seconds: u64,
    /// Each request with its response.
    pub exchanges: Vec<Exchange>,
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What the provider asked for.
    pub request: TapedRequest,
    /// What the host answered; `None` where the listing was cut off.
    #[serde(default)]
    pub response: Option<TapedResponse>,
}

/// A request, without its number: another version may count otherwise and ask for the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Headers of the provider's own; never a token.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    #[serde(default)]
    pub body: Option<String>,
    /// Whose token the host was asked to put on.
    #[serde(default)]
    pub credential: Option<TapedCredential>,
}

/// A token, by the permission it is used under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedCredential {
    /// The permission's name.
    pub permission: String,
    /// Another tenant than the one signed in to.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// What became of a request: `{"reply": …}` or `{"error": "timed-out"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "as portico_domain::provider::Reply says")]
pub enum TapedResponse {
    Reply {
        status: u16,
        #[serde(default)]
        headers: Vec<(String, String)>,
        #[serde(default)]
        body: Body,
    },
    /// As `provider.wit` names it: `not-permitted`, `timed-out`.
    Error(String),
}

/// What a listing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedListing {
    /// What the person can reach.
    #[serde(default)]
    pub subscriptions: Vec<TapedSubscription>,
    /// The tenants, each with its state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TapedTenant>,
    /// What is missing.
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
    /// The cloud's own word.
    #[serde(default)]
    pub state: Option<String>,
    /// The tenant it belongs to.
    #[serde(default)]
    pub tenant: Option<String>,
    /// What it says beside, for apps.
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
    /// As `provider.wit` names it: `ok`, `wants-mfa`.
    pub state: String,
    /// Why it could not be listed.
    #[serde(default)]
    pub reason: Option<String>,
    /// `person`, `administrator` or `operator`.
    #[serde(default)]
    pub mender: Option<String>,
    /// How it is mended.
    #[serde(default)]
    pub repair: Option<TapedRepair>,
    /// What it says beside, for apps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(String, String)>,
}

/// How a tenant is mended: `"sign-in"`, `{"claims": …}` or `{"link": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "as portico_domain::account::Repair says")]
pub enum TapedRepair {
    SignIn,
    Claims(String),
    Link(String),
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}
