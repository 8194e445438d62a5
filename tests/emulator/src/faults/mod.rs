//! Fault injection: the kind of a fault, its target endpoint, and its number of occurrences.
//!
//! A *transport fault* affects a whole response and is applied in one place ([`crate::corrupt`]); a *content fault* is
//! applied by the handler that writes the response.

mod active;
mod content;
mod encoding;
mod endless;
mod kind;
mod occasion;
mod target;

use serde::{Deserialize, Serialize};

use crate::personas::{Tenant, WORLD};

pub(crate) use active::ActiveFaults;
pub(crate) use content::{ContentFaults, set_header};
pub use encoding::Encoding;
pub use endless::EndlessPart;
pub use kind::{FaultKind, SentIssuer};
pub(crate) use occasion::Occasion;
pub use target::Target;

/// A fault. `POST /_emulator/faults` takes it as JSON.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The endpoint.
    pub target: Target,
    /// The kind of fault.
    pub kind: FaultKind,
    /// Number of occurrences; `None` lasts until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// Token endpoint: only requests with this `grant_type`.
    #[serde(default)]
    pub grant: Option<String>,
    /// Entra ID: only requests with this tenant id in their path. Resource Manager: only requests with a token of this
    /// tenant.
    #[serde(default)]
    pub tenant: Option<String>,
}

impl Fault {
    /// A fault that lasts until cleared.
    pub fn always(target: Target, kind: FaultKind) -> Self {
        Self { target, kind, times: None, grant: None, tenant: None }
    }

    /// A fault that occurs once.
    pub fn once(target: Target, kind: FaultKind) -> Self {
        Self::times(target, kind, 1)
    }

    /// A fault that occurs this many times.
    pub fn times(target: Target, kind: FaultKind, times: u32) -> Self {
        Self { target, kind, times: Some(times), grant: None, tenant: None }
    }

    /// Restricts the fault to one `grant_type` of the token endpoint.
    #[must_use]
    pub fn for_grant(mut self, grant_type: &str) -> Self {
        self.grant = Some(grant_type.to_owned());
        self
    }

    /// Restricts the fault to one tenant of Azure.
    #[must_use]
    pub fn for_tenant(mut self, tenant: &Tenant) -> Self {
        self.tenant = Some(tenant.id.to_owned());
        self
    }

    fn matches(&self, occasion: Occasion<'_>) -> bool {
        let same = |own: &Option<String>, other: Option<&str>| match (own, other) {
            (None, _) => true,
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(other),
            (Some(_), None) => false,
        };
        self.target == occasion.target
            && same(&self.grant, occasion.grant)
            && same(&self.tenant, occasion.tenant)
    }

    /// Counts one occurrence and returns the kind.
    fn take_one(&mut self) -> FaultKind {
        self.times = self.times.map(|times| times.saturating_sub(1));
        self.kind.clone()
    }

    /// Why this fault can never occur. Such a fault is refused, since a test that relies on it would test nothing.
    pub(crate) fn does_not_apply(&self) -> Option<&'static str> {
        if !self.kind.applies_to(self.target) {
            return Some("this kind does not go with this target");
        }
        if self.kind.is_persistent() && self.times.is_some() {
            return Some("this kind lasts until cleared and takes no times");
        }
        if !self.target.exists() {
            return Some("this cloud has no such endpoint");
        }
        if self.grant.is_some() && !self.target.is_token() {
            return Some("only the token endpoint knows grants");
        }
        if let Some(tenant) = &self.tenant {
            if !self.target.is_azure() || self.kind.is_persistent() {
                return Some("only requests to Azure have a tenant");
            }
            if WORLD.tenant(tenant).is_none() {
                return Some("there is no tenant with this id");
            }
        }
        if let FaultKind::Status { code, .. } | FaultKind::Redirect { code, .. } = self.kind
            && !(200..=999).contains(&code)
        {
            return Some("a status is between 200 and 999");
        }
        None
    }
}
