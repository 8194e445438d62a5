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
    /// For later versions of Portico; this one stores them with the operator's consent and uses none.
    pub capabilities: Vec<Capability>,
}

/// Something that a provider could do for apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// The name, unique within the descriptor.
    pub name: String,
    /// `token` for a token of a resource, `role` for credentials of a role; others may come.
    pub kind: String,
    /// What it is for, for the operator.
    pub why: String,
    /// The parameters of its kind.
    pub extra: Vec<(String, String)>,
}

impl Descriptor {
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
