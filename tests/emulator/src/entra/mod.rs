//! Entra ID: the Microsoft identity platform, version 2.0.

pub(crate) mod authorize;
mod client;
pub(crate) mod code;
pub(crate) mod discovery;
mod error;
mod grants;
mod issue;
pub(crate) mod logout;
mod refresh;
mod refused;
mod request;
mod scopes;
pub(crate) mod token;

use crate::base_url::BaseUrl;
use crate::personas::{Membership, Person, Tenant, WORLD};
use error::EntraError;

/// The authority named by the first path segment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Authority {
    /// One tenant: its members and guests.
    Tenant(&'static Tenant),
    /// `organizations` or `common`: everybody, in their home tenant. They differ in personal accounts only, which the
    /// emulator has none of.
    Any(&'static str),
}

impl Authority {
    pub(crate) fn parse(segment: &str) -> Result<Self, EntraError> {
        if let Some(name) =
            ["organizations", "common"].into_iter().find(|name| segment.eq_ignore_ascii_case(name))
        {
            return Ok(Self::Any(name));
        }
        WORLD.tenant(segment).map(Self::Tenant).ok_or_else(|| no_tenant(segment))
    }

    /// The tenant in the path.
    fn tenant_id(self) -> Option<&'static str> {
        match self {
            Self::Tenant(tenant) => Some(tenant.id),
            Self::Any(_) => None,
        }
    }

    /// The path segment.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Tenant(tenant) => tenant.id,
            Self::Any(name) => name,
        }
    }

    /// The issuer in the discovery document; a template with `{tenantid}` if the authority has no tenant.
    pub(crate) fn issuer(self, base: &BaseUrl) -> String {
        match self {
            Self::Tenant(tenant) => issuer(base, tenant.id),
            Self::Any(_) => issuer(base, "{tenantid}"),
        }
    }

    /// The person's membership under this authority; an error if they do not belong to the tenant.
    fn admit(self, person: &'static Person) -> Result<&'static Membership, EntraError> {
        match self {
            Self::Any(_) => Ok(person.home()),
            Self::Tenant(tenant) => {
                person.membership(tenant.id).ok_or_else(|| not_a_guest(tenant, person))
            }
        }
    }
}

fn no_tenant(name: &str) -> EntraError {
    EntraError::new(
        "invalid_tenant",
        90002,
        format!(
            "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
         cloud."
        ),
    )
}

fn not_a_guest(tenant: &Tenant, person: &Person) -> EntraError {
    EntraError::new(
        "access_denied",
        50020,
        format!(
            "User account '{}' from identity provider does not exist in tenant '{}' and cannot access the application '{}' \
         in that tenant. The account needs to be added as an external user in the tenant first.",
            person.user_name, tenant.name, WORLD.application.client_id
        ),
    )
}

/// The issuer of a tenant's tokens.
fn issuer(base: &BaseUrl, tenant_id: &str) -> String {
    format!("{base}/{tenant_id}/v2.0")
}
