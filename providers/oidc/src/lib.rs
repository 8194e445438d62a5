//! The plug-in for any OpenID provider (Keycloak, Dex, Okta), with a listing if there is an address for it.

mod list;
mod settings;

use portico_provider::{
    Pages,
    describe::{self, openid, people, reads},
    provider::{
        ClientAuthentication, Descriptor, Person, Provider, ProviderError, Settings, SignInTemplate,
    },
};

use self::list::{List, PERMISSION};

portico_provider::export!(Oidc);

const NAME: &str = "/preferred_username";

/// An OpenID provider, with a list if one is configured.
pub struct Oidc(Option<List>);

impl Provider for Oidc {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "lists what the signed-in person can reach, at the address of the list and below";
        let (name, version) = ("OpenID Connect", env!("CARGO_PKG_VERSION"));
        let sign_in = SignInTemplate {
            // Every authorization server supports it (RFC 6749 section 2.3.1).
            client_authentication: ClientAuthentication::Basic,
            ..openid("{issuer}", &["{scopes}"])
        };
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
            people: Some(people("/sub", None, &["/name", NAME], &[NAME])),
            settings: settings::specs(),
            permissions: vec![reads(PERMISSION, why, &["{list-url}"], &["/"])],
            ..describe::descriptor("oidc", name, version, "environment", sign_in)
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        settings::list(settings).map(Self)
    }

    fn discover(&self, _: &Person) -> Result<Pages, ProviderError> {
        Ok(self.0.as_ref().map_or_else(list::empty, List::pages))
    }
}

#[cfg(test)]
mod tests;
