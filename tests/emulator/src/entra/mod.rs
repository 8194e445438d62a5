//! Entra ID: the Microsoft identity platform, version 2.0.

pub(crate) mod authorize;
mod client;
pub(crate) mod codes;
pub(crate) mod discovery;
mod grants;
mod issue;
pub(crate) mod logout;
mod refresh;
mod refusal;
mod request;
mod scopes;
pub(crate) mod token;

use crate::base::Base;
use crate::personas::{Membership, Person, Tenant, WORLD};
use refusal::Refusal;

/// Whom a path's first segment lets in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Authority {
    /// People of one tenant, guests included.
    Tenant(&'static Tenant),
    /// Anybody, in their home tenant. `organizations` and `common` differ in personal accounts only; there are none.
    Any(&'static str),
}

impl Authority {
    pub(crate) fn parse(segment: &str) -> Result<Self, Refusal> {
        if let Some(name) =
            ["organizations", "common"].into_iter().find(|name| segment.eq_ignore_ascii_case(name))
        {
            return Ok(Self::Any(name));
        }
        WORLD.tenant(segment).map(Self::Tenant).ok_or_else(|| {
            Refusal::new("invalid_tenant", 90002, format!(
                "Tenant '{segment}' not found. Check to make sure you have the correct tenant ID and are signing into \
                 the correct cloud."
            ))
        })
    }

    /// As it stands in a path.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Tenant(tenant) => tenant.id,
            Self::Any(name) => name,
        }
    }

    /// The issuer that metadata publishes: a template where the tenant is not known yet.
    pub(crate) fn issuer(self, base: &Base) -> String {
        match self {
            Self::Tenant(tenant) => issuer(base, tenant.id),
            Self::Any(_) => issuer(base, "{tenantid}"),
        }
    }

    /// A person's place under this authority; refused unless they belong to the tenant.
    fn admit(self, person: &'static Person) -> Result<&'static Membership, Refusal> {
        match self {
            Self::Any(_) => Ok(person.home()),
            Self::Tenant(tenant) => person.membership(tenant.id).ok_or_else(|| {
                Refusal::new("access_denied", 50020, format!(
                    "User account '{}' from identity provider does not exist in tenant '{}' and cannot access the \
                     application '{}' in that tenant. The account needs to be added as an external user in the \
                     tenant first.",
                    person.user_name, tenant.name, WORLD.application.client_id
                ))
            }),
        }
    }
}

/// The issuer of a tenant's tokens.
fn issuer(base: &Base, tenant_id: &str) -> String {
    format!("{base}/{tenant_id}/v2.0")
}
