//! Is a listing one that the host takes? Asked of the host itself: its use case is run over a
//! provider that says just this.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use portico_domain::{
    account::Listing,
    identity::{Claims, Identity, TenantId},
    login::Redemption,
    ports::{
        Authorization, AuthorizationRequest, Clock, CloudApi, CloudProvider, DiscoveryRun, Fetch,
        FetchFailure, IdentityProvider, IdentityProviderError, SignedIn,
    },
    provider::{
        AllowedTenants, ConfiguredSignIn, Descriptor, FetchError, Person, Problem, Registration,
        Reply, Response, Revision, Settings, SignIn, SignInTemplate, Step,
    },
    secret::{AccessToken, RefreshToken},
    session::TokenSet,
    time::Timestamp,
    use_cases::{Discover, DiscoveryBudget},
};
use url::Url;

use super::bench::Bench;

/// Why the host would not take the listing.
pub(super) async fn complaint(bench: &Bench<'_>, listing: &Listing) -> Option<String> {
    let said = Said { descriptor: bench.descriptor().clone(), listing: listing.clone() };
    let registration = Registration {
        cloud: Arc::new(said),
        sign_in: unasked_sign_in()?,
        secrets: BTreeMap::new(),
        revision: Revision::new("on the bench"),
        identity: Arc::new(Nowhere),
        api: Arc::new(Nowhere),
        redirect_uri: Url::parse("http://localhost/").ok()?,
        tenants: AllowedTenants::Everybody,
    };
    let budget = DiscoveryBudget { time: Duration::from_secs(60), ..DiscoveryBudget::default() };
    let host = Discover { clock: Arc::new(Nowhere), budget };
    let taken = host.run(&registration, &bench.person, &AccessToken::new("none")).await;
    taken.err().map(|problem| problem.to_string())
}

/// A sign-in with which nobody signs in.
fn unasked_sign_in() -> Option<ConfiguredSignIn> {
    let template = SignInTemplate::of_issuer("https://cloud.example");
    ConfiguredSignIn::new(template, None, Settings::default()).ok()
}

struct Said {
    descriptor: Descriptor,
    listing: Listing,
}

#[async_trait]
impl CloudProvider for Said {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn identify<'a>(
        &self,
        _: Option<&'a TenantId>,
        _: &Claims,
    ) -> Result<Option<Identity>, Problem> {
        Ok(None)
    }

    async fn discover(&self, _: &Person) -> Result<Box<dyn DiscoveryRun>, Problem> {
        Ok(Box::new(Once(self.listing.clone())))
    }
}

struct Once(Listing);

#[async_trait]
impl DiscoveryRun for Once {
    async fn next(&mut self, _: Vec<Response>) -> Result<Step, Problem> {
        Ok(Step::Done(std::mem::take(&mut self.0)))
    }
}

/// The world around a provider that asks for nothing: never called.
struct Nowhere;

impl Clock for Nowhere {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(0)
    }
}

#[async_trait]
impl CloudApi for Nowhere {
    async fn fetch<'a>(&self, _: Fetch<'a>) -> Result<Reply, FetchFailure> {
        Err(FetchFailure { error: FetchError::Unreachable, detail: String::new() })
    }
}

fn away() -> IdentityProviderError {
    IdentityProviderError::Unreachable("there is none on the bench".into())
}

#[async_trait]
impl IdentityProvider for Nowhere {
    async fn authorization<'a>(
        &self,
        _: &SignIn,
        _: AuthorizationRequest<'a>,
    ) -> Result<Authorization, IdentityProviderError> {
        Err(away())
    }

    async fn redeem(&self, _: &SignIn, _: Redemption) -> Result<SignedIn, IdentityProviderError> {
        Err(away())
    }

    async fn application_token(
        &self,
        _: &SignIn,
        _: &[String],
    ) -> Result<AccessToken, IdentityProviderError> {
        Err(away())
    }

    async fn refresh(
        &self,
        _: &SignIn,
        _: &RefreshToken,
        _: &[String],
    ) -> Result<TokenSet, IdentityProviderError> {
        Err(away())
    }

    async fn end_session(&self, _: &SignIn, _: &Url) -> Result<Option<Url>, IdentityProviderError> {
        Err(away())
    }
}
