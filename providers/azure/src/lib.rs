//! The Microsoft Azure provider: sign-in with Entra ID, and a listing of subscriptions.
//!
//! It is written like every plug-in. Portico links it too, so that Azure needs no plug-in file.

mod guid;
mod list;
mod settings;
mod tenants;

use portico_provider::{
    Pages,
    describe::{self, in_every_tenant, openid, people, reads},
    provider::{
        Descriptor, Discovery, Permission, Person, Principal, Provider, ProviderError, Response,
        Settings, SignInTemplate, Step, SubjectMapping,
    },
};

pub use self::{
    guid::is_guid,
    settings::{DEFAULT_AUTHORITY_HOST, DEFAULT_RESOURCE_MANAGER_URL},
    tenants::EveryTenant,
};
use self::{
    list::{AS_APPLICATION, AS_USER},
    settings::{AzureSettings, ListingAs},
};

portico_provider::export!(AzureProvider);

/// The scope of tokens for the Azure Resource Manager.
const RESOURCE_MANAGER_SCOPE: &str = "{resource-manager-url}/.default";

/// Microsoft Azure.
#[derive(Clone, Debug)]
pub struct AzureProvider(AzureSettings);

impl Provider for AzureProvider {
    type Discovery = AzureListing;

    fn describe() -> Descriptor {
        let (name, version) = ("Microsoft Azure", env!("CARGO_PKG_VERSION"));
        let as_application = "lists the subscriptions that the application can read";
        let as_user = "lists the tenants and the subscriptions that the signed-in person can read";
        let in_tenants = "lists the subscriptions of every tenant that the person belongs to";
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
            settings: settings::specs(),
            people: Some(identity()),
            permissions: vec![
                permission(AS_APPLICATION, as_application, Principal::Application),
                Permission {
                    paths: vec![list::PATH.into(), tenants::PATH.into()],
                    ..permission(AS_USER, as_user, Principal::SignedInUser)
                },
            ],
            capabilities: vec![in_every_tenant(AS_USER, in_tenants)],
            ..describe::descriptor("azure", name, version, "subscription", sign_in())
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        AzureSettings::read(settings).map(Self)
    }

    fn discover(&self, person: &Person) -> Result<AzureListing, ProviderError> {
        Ok(match self.0.listing_as {
            ListingAs::Application => {
                AzureListing::Application(Box::new(list::subscriptions(&self.0, None)))
            }
            ListingAs::User => {
                AzureListing::User(Box::new(EveryTenant::new(&self.0, &person.identity.tenant)))
            }
        })
    }
}

/// A running listing: of one tenant with the application's token, or of every tenant with the
/// person's.
pub enum AzureListing {
    /// With the application's token.
    Application(Box<Pages>),
    /// With the person's tokens.
    User(Box<EveryTenant>),
}

impl Discovery for AzureListing {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError> {
        match self {
            Self::Application(pages) => pages.next(responses),
            Self::User(tenants) => tenants.next(responses),
        }
    }
}

fn sign_in() -> SignInTemplate {
    let scopes = [RESOURCE_MANAGER_SCOPE, "openid", "profile", "offline_access"];
    SignInTemplate {
        default_tenant: Some("{tenant-id}".into()),
        ..openid("{authority-host}/{tenant}/v2.0", &scopes)
    }
}

/// <https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>: `oid` identifies the
/// person in their tenant for every application, `tid` the tenant.
fn identity() -> SubjectMapping {
    let (name, username) = ("/name", "/preferred_username");
    people("/oid", Some("/tid"), &[name, username], &[username])
}

fn permission(name: &str, why: &str, principal: Principal) -> Permission {
    Permission {
        principal,
        scopes: vec![RESOURCE_MANAGER_SCOPE.into()],
        ..reads(name, why, &["{resource-manager-url}"], &[list::PATH])
    }
}

#[cfg(test)]
mod tests;
