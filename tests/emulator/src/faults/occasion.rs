//! What a fault is selected by: the endpoint, and the grant type and tenant of the request.

use super::Target;

/// A request at an endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    pub(super) target: Target,
    pub(super) grant: Option<&'a str>,
    pub(super) tenant: Option<&'a str>,
}

impl<'a> Occasion<'a> {
    /// A request at this endpoint, without grant type and tenant.
    pub(crate) fn at(target: Target) -> Self {
        Self { target, grant: None, tenant: None }
    }

    /// With this `grant_type`.
    pub(crate) fn grant(self, grant: impl Into<Option<&'a str>>) -> Self {
        Self { grant: grant.into(), ..self }
    }

    /// With this tenant: that of the path at Entra ID, that of the token at Resource Manager.
    pub(crate) fn tenant(self, tenant: impl Into<Option<&'a str>>) -> Self {
        Self { tenant: tenant.into(), ..self }
    }
}
