//! The values on a tape: serde forms of the domain's values.

mod listing;

use portico_domain::provider::TokenRefusal;
use serde::{Deserialize, Serialize};

pub use self::listing::{TapedListing, TapedRepair, TapedSubscription, TapedTenant};
use super::Body;

/// The recorded provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedProvider {
    /// `azure`.
    pub id: String,
    /// The provider's own version.
    pub version: String,
}

/// The result of a call: `{"ok": …}` or `{"problem": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answered<T> {
    /// The value.
    Ok(T),
    /// The error.
    Problem(TapedProblem),
}

/// A failed call of a provider, by the names of the interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "as portico_domain::provider::CallError says")]
pub enum TapedProblem {
    Setting { key: String, why: String },
    Unexpected(String),
    Refused { code: String, help: String },
    Challenge(String),
    Other { code: String, message: String },
    Broken(String),
}

/// The person whose resources are listed.
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
    /// The declared members of the token reply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_reply: Vec<(String, String)>,
}

/// One step of a listing: requests sent at the same time, with their responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedStep {
    /// How long the host waited before the requests.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_seconds: u64,
    /// Each request with its response.
    pub exchanges: Vec<Exchange>,
}

/// A request with its response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The provider's request.
    pub request: TapedRequest,
    /// The host's response. `None` if the recording ended before it.
    #[serde(default)]
    pub response: Option<TapedResponse>,
}

/// A request without its id: another version may use other ids for the same requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The provider's headers; never a token.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    #[serde(default)]
    pub body: Option<String>,
    /// The token that the host adds.
    #[serde(default)]
    pub credential: Option<TapedCredential>,
}

/// A token, by the permission it is used under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedCredential {
    /// The permission's name.
    pub permission: String,
    /// The token's tenant, if not the one signed in to.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// The result of a request: `{"reply": …}`, `{"error": "timed-out"}` or `{"token_refused": …}`.
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
    /// A `fetch-error` of `provider.wit`: `not-permitted`, `timed-out`.
    Error(String),
    /// The refusal of a token in another tenant: `{"error", "suberror", "claims", "error_codes"}`.
    #[serde(rename = "token_refused")]
    TokenRefused(Box<TokenRefusal>),
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}
