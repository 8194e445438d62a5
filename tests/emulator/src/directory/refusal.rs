//! What a tenant refuses.

use serde::{Deserialize, Serialize};

/// What a tenant of Entra ID refuses when a refresh token is redeemed there. In JSON `{"kind": "mfa"}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The reason.
    pub kind: RefusalKind,
    /// Replaces the `error` of the response: Entra ID answers some reasons `invalid_grant` or `interaction_required`.
    #[serde(default)]
    pub error: Option<String>,
}

impl Refusal {
    /// Replaces the `error` of the response.
    #[must_use]
    pub fn with_error(mut self, error: &str) -> Self {
        self.error = Some(error.to_owned());
        self
    }
}

impl From<RefusalKind> for Refusal {
    fn from(kind: RefusalKind) -> Self {
        Self { kind, error: None }
    }
}

/// The reason of a [`Refusal`], with what mends it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// AADSTS50076, `basic_action` with `claims`: a second factor. Mended by a sign-in with the `claims`.
    Mfa,
    /// AADSTS50079, `basic_action` with `claims`: the person has to enrol for a second factor. Mended by a sign-in with
    /// the `claims`.
    MfaEnrollment,
    /// AADSTS50158, `basic_action` with `claims`: a challenge of another provider. Mended by a sign-in with the
    /// `claims`.
    ExternalChallenge,
    /// AADSTS65001, `consent_required`: mended by a sign-in to this tenant, after which every refresh token of the person
    /// works there.
    Consent,
    /// AADSTS53003, `message_only` without `claims`: only an administrator of the tenant can change that.
    Blocked,
    /// AADSTS70008, `bad_token`: mended by a sign-in to this tenant.
    Expired,
    /// AADSTS700082, `bad_token`: mended by a sign-in to this tenant.
    Inactive,
    /// AADSTS50173, `bad_token`: mended by a sign-in to this tenant.
    Revoked,
    /// AADSTS50020: the person is no guest of this tenant.
    NotAGuest,
    /// AADSTS90072: the person's account does not exist in this tenant.
    UnknownUser,
    /// AADSTS90002, `invalid_request`: there is no such tenant.
    Gone,
    /// AADSTS500011, `invalid_resource`: the resource is not installed in this tenant; an administrator can change that.
    NotInstalled,
    /// Entra ID issues the token, and Resource Manager answers 401 with `insufficient_claims` and `claims`. Mended by a
    /// sign-in with the `claims`.
    ResourceManagerMfa,
}
