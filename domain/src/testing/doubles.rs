//! A provider made of mocks: its cloud, its identity provider and its API.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use url::Url;

use super::samples;
use crate::{
    identity::TenantId,
    ports::{Authorization, ListingRun, MockCloudApi, MockCloudProvider, MockIdentityProvider},
    provider::{
        AllowedTenants, CallError, ConfiguredSignIn, Descriptor, Providers, Registration, Response,
        Step,
    },
};

/// The mocks of one provider; a test sets their expectations.
pub struct Provider {
    /// The provider.
    pub cloud: MockCloudProvider,
    /// Its identity provider.
    pub identity: MockIdentityProvider,
    /// Its API.
    pub api: MockCloudApi,
    /// How people sign in.
    pub sign_in: ConfiguredSignIn,
}

impl Provider {
    /// Returns its declaration only; every other call fails the test.
    pub fn silent() -> Self {
        Self::described_as(samples::descriptor())
    }

    /// Returns this declaration only; every other call fails the test.
    pub fn described_as(descriptor: Descriptor) -> Self {
        let mut cloud = MockCloudProvider::new();
        cloud.expect_descriptor().return_const(descriptor);
        cloud.expect_identify().returning(|_, _| Ok(None));
        Self {
            cloud,
            identity: MockIdentityProvider::new(),
            api: MockCloudApi::new(),
            sign_in: samples::configured_sign_in(),
        }
    }

    /// Also makes authorization requests and end-session URLs.
    #[allow(clippy::unwrap_used, reason = "the addresses are written here")]
    pub fn willing() -> Self {
        let mut doubles = Self::silent();
        doubles.identity.expect_authorization().returning(|_, _| {
            let url = Url::parse("https://login.example/authorize").unwrap();
            Ok(Authorization { url, issuer: samples::pending_login("").issuer })
        });
        doubles
            .identity
            .expect_end_session()
            .returning(|_, _, _| Some(Url::parse("https://login.example/logout").unwrap()));
        doubles
    }

    /// The registration of the provider; people of `contoso` and `fabrikam` may sign in.
    #[allow(clippy::unwrap_used, reason = "the names are written here")]
    pub fn into_registration(self) -> Registration {
        let tenants = ["contoso", "fabrikam"].map(|name| TenantId::parse(name).unwrap());
        Registration {
            cloud: Arc::new(self.cloud),
            sign_in: self.sign_in,
            secrets: BTreeMap::new(),
            revision: samples::revision(),
            identity: Arc::new(self.identity),
            api: Arc::new(self.api),
            redirect_uri: samples::pending_login("").redirect_uri,
            tenants: AllowedTenants::only(tenants),
        }
    }

    /// The provider, as the only one.
    pub fn into_providers(self) -> Providers {
        Providers::new([self.into_registration()])
    }
}

/// A listing whose steps are those of a closure.
pub struct ScriptedRun<F>(pub F);

#[async_trait]
impl<F> ListingRun for ScriptedRun<F>
where
    F: FnMut(Vec<Response>) -> Result<Step, CallError> + Send,
{
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        (self.0)(responses)
    }
}
