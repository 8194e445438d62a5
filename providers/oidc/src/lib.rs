//! Any OpenID provider as a plug-in: Keycloak, Dex, Okta; with an address that lists what a person
//! can reach, where there is one.

mod list;
mod settings;

use portico_provider::{
    Pages, Person, Url,
    describe::{self, openid, reads},
    identity::{Claims, Identity, TenantId},
    provider::{ClientAuthentication, Descriptor, Problem, Provider, Settings, SignIn},
};

use self::list::List;

portico_provider::export!(Oidc);

const GRANT: &str = "list";
const PERSON: Person =
    Person { subject: "/sub", tenant: None, name: "/name", username: "/preferred_username" };

/// An OpenID provider.
pub struct Oidc {
    issuer: Url,
    scopes: Vec<String>,
    list: Option<List>,
}

impl Provider for Oidc {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "lists what the signed-in person can reach, at the address of the list and below";
        let name = "OpenID Connect";
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
            people: Some(PERSON.people()),
            settings: settings::specs(),
            grants: vec![reads(GRANT, why, &["{list-url}"], &["/"])],
            ..describe::descriptor("oidc", name, env!("CARGO_PKG_VERSION"), "environment")
        }
    }

    fn create(settings: &Settings, _: Option<&TenantId>) -> Result<Self, Problem> {
        settings::read(settings)
    }

    fn sign_in(&self) -> SignIn {
        SignIn {
            scopes: self.scopes.clone(),
            // What every provider takes (RFC 6749 section 2.3.1).
            client_authentication: ClientAuthentication::Basic,
            ..openid(self.issuer.clone(), &[])
        }
    }

    fn identify(&self, claims: &Claims) -> Result<Identity, Problem> {
        PERSON.identify(claims, &self.issuer)
    }

    fn discover(&self, _: &Identity) -> Result<Pages, Problem> {
        Ok(self.list.as_ref().map_or_else(list::nothing, List::pages))
    }
}

#[cfg(test)]
mod tests;
