//! Microsoft Azure as a provider: how people sign in with Entra ID, who they are by its claims,
//! and which subscriptions can be reached.
//!
//! It is pure, like every provider: it declares how people sign in, names what to fetch and reads
//! what came. Tokens, the network and whatever happens at a sign-in are the host's.

mod guid;
mod page;
mod settings;
mod subscriptions;
mod warnings;

use portico_domain::{
    identity::ProviderId,
    provider::{
        ClientAuthentication, Descriptor, EndpointTemplates, Method, Permission, Person, Placement,
        Principal, Provider, ProviderError, ScopeSeparator, Settings, SignInTemplate,
        SubjectMapping, TokenEncoding,
    },
};

pub use self::{
    guid::is_guid,
    settings::{DEFAULT_AUTHORITY_HOST, DEFAULT_RESOURCE_MANAGER_URL},
};
use self::{settings::AzureSettings, subscriptions::SubscriptionList};

/// The permission that lists with the application's own token.
const AS_APPLICATION: &str = "subscriptions-as-application";
/// The permission that lists with the signed-in person's token.
const AS_USER: &str = "subscriptions-as-user";

/// What tokens for the Azure Resource Manager are asked for.
const RESOURCE_MANAGER_SCOPE: &str = "{resource-manager-url}/.default";

/// The longest name that is kept, in characters.
const MAX_NAME_LEN: usize = 256;

/// Microsoft Azure. `settings.rs` has what an operator can say.
#[derive(Clone, Debug)]
pub struct AzureProvider(AzureSettings);

impl Provider for AzureProvider {
    type Discovery = SubscriptionList;

    #[allow(clippy::expect_used, reason = "the id is written here, and a test reads it")]
    fn describe() -> Descriptor {
        Descriptor {
            id: ProviderId::parse("azure").expect("azure is a provider's id"),
            name: "Microsoft Azure".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            icon: Some(include_str!("icon.svg").trim_end().into()),
            account_noun: "subscription".into(),
            settings: settings::specs(),
            sign_in: sign_in(),
            people: Some(people()),
            permissions: vec![
                permission(
                    AS_APPLICATION,
                    "lists the subscriptions that the application can read",
                    Principal::Application,
                ),
                permission(
                    AS_USER,
                    "lists the subscriptions that the signed-in person can read",
                    Principal::SignedInUser,
                ),
            ],
            capabilities: vec![],
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        AzureSettings::read(settings).map(Self)
    }

    fn discover(&self, _: &Person) -> Result<Self::Discovery, ProviderError> {
        Ok(SubscriptionList::new(self.0.resource_manager.clone(), self.0.listing_as))
    }
}

fn sign_in() -> SignInTemplate {
    SignInTemplate {
        endpoints: EndpointTemplates::OpenId("{authority-host}/{tenant}/v2.0".into()),
        default_tenant: Some("{tenant-id}".into()),
        scopes: texts(&[RESOURCE_MANAGER_SCOPE, "openid", "profile", "offline_access"]),
        scope_separator: ScopeSeparator::Space,
        parameters: vec![],
        token_encoding: TokenEncoding::Form,
        client_authentication: ClientAuthentication::Post,
        token_reply: vec![],
        user_records: vec![],
    }
}

/// <https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>: `oid` is the
/// person's in their tenant for every application, `tid` the tenant's.
fn people() -> SubjectMapping {
    SubjectMapping {
        subject: "/oid".into(),
        tenant: Some("/tid".into()),
        display_name: texts(&["/name", "/preferred_username"]),
        username: texts(&["/preferred_username"]),
    }
}

fn permission(name: &str, why: &str, principal: Principal) -> Permission {
    Permission {
        name: name.into(),
        why: why.into(),
        principal,
        scopes: texts(&[RESOURCE_MANAGER_SCOPE]),
        hosts: texts(&["{resource-manager-url}"]),
        paths: texts(&["/subscriptions"]),
        methods: vec![Method::Get],
        placement: Placement::Bearer,
        request_headers: vec![],
        reply_headers: vec![],
        secret_headers: vec![],
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(String::from).collect()
}

#[cfg(test)]
mod tests;
