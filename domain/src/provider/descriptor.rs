//! How a provider describes itself, before it is configured.

use super::{Grant, People, SettingSpec, Settings};
use crate::identity::ProviderId;

/// Who a provider is.
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
    /// Where people's identities stand; `None` where the provider can be connected to a session
    /// and signs nobody in.
    pub people: Option<People>,
    /// What the operator is asked for.
    pub settings: Vec<SettingSpec>,
    /// Each use of each token that its requests may make.
    pub grants: Vec<Grant>,
}

impl Descriptor {
    /// The descriptor with every `{setting}` of its grants filled.
    #[must_use]
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        self.grants = self.grants.into_iter().map(|grant| grant.with_settings(settings)).collect();
        self
    }
}
