//! Microsoft Azure as a provider: how people sign in with Entra ID, who they are by its claims,
//! and which subscriptions can be reached.
//!
//! It is pure, like every provider: it names what to fetch and reads what came. Tokens, the
//! network and the checks of an ID token are the host's.

mod guid;
mod page;
mod settings;
mod subscriptions;
mod warnings;

use portico_domain::{
    identity::{Claims, Identity, ProviderId, Subject, TenantId},
    provider::{
        ClientAuthentication, Descriptor, Endpoints, Grant, Method, People, Placement, Principal,
        Problem, Provider, Settings, SignIn, TokenEncoding,
    },
    text::clean,
};
use serde_json::{Map, Value};
use url::Url;

pub use self::{
    guid::is_guid,
    settings::{DEFAULT_AUTHORITY_HOST, DEFAULT_RESOURCE_MANAGER_URL},
};
use self::{
    settings::{AzureSettings, Tenant},
    subscriptions::SubscriptionList,
};

/// The grant that lists with the application's own token.
const AS_APPLICATION: &str = "subscriptions-as-application";
/// The grant that lists with the signed-in person's token.
const AS_USER: &str = "subscriptions-as-user";

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 256;

/// Microsoft Azure. `settings.rs` has what an operator can say.
#[derive(Clone, Debug)]
pub struct AzureProvider(AzureSettings);

impl Provider for AzureProvider {
    type Discovery = SubscriptionList;

    #[allow(clippy::expect_used, reason = "the id is written here, and a test reads it")]
    fn describe() -> Descriptor {
        let grant = |name: &str, why: &str, principal| Grant {
            name: name.into(),
            why: why.into(),
            principal,
            scopes: vec!["{resource-manager-url}/.default".into()],
            hosts: vec!["{resource-manager-url}".into()],
            paths: vec!["/subscriptions".into()],
            methods: vec![Method::Get],
            placement: Placement::Bearer,
        };
        Descriptor {
            id: ProviderId::parse("azure").expect("azure is a provider's id"),
            name: "Microsoft Azure".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            icon: None,
            account_noun: "subscription".into(),
            people: Some(People::At { subject: "/oid".into(), tenant: Some("/tid".into()) }),
            settings: settings::specs(),
            grants: vec![
                grant(
                    AS_APPLICATION,
                    "lists the subscriptions that the application can read",
                    Principal::Application,
                ),
                grant(
                    AS_USER,
                    "lists the subscriptions that the signed-in person can read",
                    Principal::SignedInUser,
                ),
            ],
        }
    }

    fn create(settings: &Settings, tenant: Option<&TenantId>) -> Result<Self, Problem> {
        AzureSettings::read(settings, tenant).map(Self)
    }

    fn sign_in(&self) -> SignIn {
        let resource_manager = self.0.resource_manager.as_str().trim_end_matches('/');
        let scopes =
            [&format!("{resource_manager}/.default"), "openid", "profile", "offline_access"];
        SignIn {
            endpoints: Endpoints::OpenId(self.issuer()),
            tenant_claim: Some("tid".into()),
            scopes: scopes.map(String::from).into(),
            parameters: vec![],
            token_encoding: TokenEncoding::Form,
            client_authentication: ClientAuthentication::Post,
        }
    }

    fn identify(&self, claims: &Claims) -> Result<Identity, Problem> {
        let claims = claims.members();
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let tid = text("tid").filter(|tid| is_guid(tid));
        let tid = tid.ok_or_else(|| unexpected("the claim tid is not the GUID of a tenant"))?;
        let iss = text("iss").unwrap_or_default();
        if !iss.ends_with(&format!("/{tid}/v2.0")) {
            return Err(unexpected("the claims iss and tid name different tenants"));
        }
        if matches!(&self.0.tenant, Tenant::One(asked) if !asked.eq_ignore_ascii_case(tid)) {
            return Err(unexpected("the claim tid is not the tenant that was signed in to"));
        }
        let oid = text("oid").filter(|oid| guid::is_like_a_guid(oid));
        let oid = oid.ok_or_else(|| unexpected("the claim oid is missing or no object id"))?;
        let username = name(&claims, "preferred_username");
        Ok(Identity {
            subject: Subject::parse(oid).map_err(|error| unexpected(&error.to_string()))?,
            tenant: TenantId::parse(tid).map_err(|error| unexpected(&error.to_string()))?,
            display_name: name(&claims, "name")
                .or_else(|| username.clone())
                .unwrap_or_else(|| oid.into()),
            username,
        })
    }

    fn discover(&self, _: &Identity) -> Result<Self::Discovery, Problem> {
        Ok(SubscriptionList::new(self.0.resource_manager.clone(), self.0.listing_as))
    }
}

impl AzureProvider {
    /// The issuer whose discovery document says where to sign in.
    fn issuer(&self) -> Url {
        let mut issuer = self.0.authority.clone();
        let path = issuer.path().trim_end_matches('/');
        issuer.set_path(&format!("{path}/{}/v2.0", self.0.tenant.as_str()));
        issuer
    }
}

fn unexpected(what: &str) -> Problem {
    Problem::Unexpected(what.into())
}

/// A claim that a person reads, `None` where nothing is left of it.
fn name(claims: &Map<String, Value>, claim: &str) -> Option<String> {
    let cleaned = clean(claims.get(claim)?.as_str()?, LONGEST_NAME);
    Some(cleaned).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
