//! All that a provider decides, as data: an operator agrees to it, and the host carries it out.

use super::{Permission, SettingSpec, Settings, SignInTemplate, SubjectMapping};
use crate::identity::ProviderId;

/// Who a provider is and all that it decides, before it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// `azure`.
    pub id: ProviderId,
    /// As a button says it: `Microsoft Azure`.
    pub name: String,
    /// The provider's own version, as semantic versioning writes it.
    pub version: String,
    /// An SVG, as the provider gave it: not to be shown as it is.
    pub icon: Option<String>,
    /// What the cloud calls what is listed: `subscription`.
    pub account_noun: String,
    /// What the operator is asked for.
    pub settings: Vec<SettingSpec>,
    /// How people sign in.
    pub sign_in: SignInTemplate,
    /// Where people's identities stand; `None` where the provider can be connected to a session
    /// and signs nobody in.
    pub people: Option<SubjectMapping>,
    /// Each use of each token that its requests may make.
    pub permissions: Vec<Permission>,
    /// What a later version of Portico may do for apps; kept with the operator's consent, and used
    /// by nothing in this one.
    pub capabilities: Vec<Capability>,
}

/// Something that a provider could do for apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// What it is called.
    pub name: String,
    /// `token` for a token of a resource, `role` for credentials of a role; others may come.
    pub kind: String,
    /// What it is for, to an operator.
    pub why: String,
    /// What its kind asks for.
    pub extra: Vec<(String, String)>,
}

impl Descriptor {
    /// The descriptor with every `{setting}` of its grants filled.
    #[must_use]
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        self.permissions = self
            .permissions
            .into_iter()
            .map(|permission| permission.with_settings(settings))
            .collect();
        self
    }

    /// Where a person's tenant stands in the claims.
    pub fn tenant_pointer(&self) -> Option<&str> {
        self.people.as_ref()?.tenant.as_deref()
    }
}
