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

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedSignIn {
    /// Where.
    pub endpoints: TapedEndpoints,
    /// The claim that fills `{tenantid}` in the issuer.
    #[serde(default)]
    pub tenant_claim: Option<String>,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// More parameters of the authorization request.
    #[serde(default)]
    pub parameters: Vec<(String, String)>,
    /// `form` or `json-camel-case`.
    pub token_encoding: String,
    /// `basic`, `post` or `none`.
    pub client_authentication: String,
}

/// Where a provider's endpoints are: `{"openid": issuer}` or `{"plain": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "as portico_domain::provider::PlainEndpoints says")]
pub enum TapedEndpoints {
    OpenId(String),
    Plain {
        issuer: String,
        authorization: String,
        token: String,
        end_session: Option<String>,
        user_record: Option<TapedUserRecord>,
    },
}

/// The document that says who a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedUserRecord {
    /// Where it is.
    pub url: String,
    /// Headers of the request.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The grant that covers it.
    pub grant: String,
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedIdentity {
    /// Stable within the tenant.
    pub subject: String,
    /// The tenant signed in to.
    pub tenant: String,
    /// For a person to read.
    pub display_name: String,
    /// What the person types to sign in.
    #[serde(default)]
    pub username: Option<String>,
}

/// One step of a listing: what was asked for side by side, and what came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedStep {
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

/// A token, by the grant it is used under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedCredential {
    /// The grant's name.
    pub grant: String,
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
    /// As `provider.wit` names it: `not-granted`, `timed-out`.
    Error(String),
}

/// What a listing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapedListing {
    /// What the person can reach.
    #[serde(default)]
    pub subscriptions: Vec<TapedSubscription>,
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
}
