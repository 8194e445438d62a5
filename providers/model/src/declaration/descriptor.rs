//! The descriptor: the whole declaration of a provider.

use super::{Permission, SettingSpec, Settings, SignInTemplate, SubjectMapping};
use crate::identity::ProviderId;

/// The declaration of a provider, before it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// `azure`.
    pub id: ProviderId,
    /// The name on the sign-in button: `Microsoft Azure`.
    pub name: String,
    /// The provider's semantic version.
    pub version: String,
    /// An SVG, unsanitised: it must not be shown as it is.
    pub icon: Option<String>,
    /// The cloud's name for a listed entry: `subscription`.
    pub account_noun: String,
    /// The settings that the operator is asked for.
    pub settings: Vec<SettingSpec>,
    /// How people sign in.
    pub sign_in: SignInTemplate,
    /// Where identities are in the claims. `None` if the provider signs nobody in and is only
    /// connected to sessions.
    pub people: Option<SubjectMapping>,
    /// Every use of a token by its requests.
    pub permissions: Vec<Permission>,
    /// What goes beyond the permissions. Portico uses those of the kind [`Capability::TENANTS`], and
    /// stores others with the operator's consent for later versions.
    pub capabilities: Vec<Capability>,
}

/// Something that a provider may do beyond its permissions, or could do for apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// The name, unique within the descriptor.
    pub name: String,
    /// [`TENANTS`](Self::TENANTS); `token` for a token of a resource, `role` for credentials of a role;
    /// others may come.
    pub kind: String,
    /// What it is for, for the operator.
    pub why: String,
    /// The parameters of its kind.
    pub extra: Vec<(String, String)>,
}

impl Capability {
    /// The kind by which requests under the permission with the capability's name may use tokens of the
    /// signed-in person in other tenants than the one signed in to. The host gets each with the
    /// person's refresh token (RFC 6749 section 6), and keeps the refresh token that it has: the
    /// identity provider must not revoke it when it is used.
    pub const TENANTS: &str = "tenants";
}

impl Descriptor {
    /// Whether requests under this permission may use the person's tokens in other tenants.
    pub fn uses_other_tenants(&self, permission: &str) -> bool {
        let mut capabilities = self.capabilities.iter();
        capabilities.any(|it| it.kind == Capability::TENANTS && it.name == permission)
    }

    /// The descriptor with every `{setting}` of its permissions filled.
    #[must_use]
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        self.permissions = self
            .permissions
            .into_iter()
            .map(|permission| permission.with_settings(settings))
            .collect();
        self
    }

    /// The JSON Pointer to the tenant in the claims.
    pub fn tenant_pointer(&self) -> Option<&str> {
        self.people.as_ref()?.tenant.as_deref()
    }
}
