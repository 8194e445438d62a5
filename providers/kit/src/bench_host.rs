//! The ports of the host's listing, as a desk on which its questions lie: whoever drives takes one
//! after the other and puts the answer there. Nothing waits for anything else, and time passes only
//! by the waits that a provider asks for.

use std::{
    collections::{BTreeMap, VecDeque},
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    login::Redemption,
    ports::{
        Authorization, AuthorizationRequest, Clock, CloudApi, CloudProvider, Fetch, FetchFailure,
        IdentityProvider, IdentityProviderError, ListingRun, SignedIn,
    },
    provider::{
        AllowedTenants, CallError, ConfiguredSignIn, Descriptor, FetchError, Person, ProviderError,
        Registration, Reply, Request, Response, Revision, Settings, SignIn, SignInTemplate, Step,
    },
    secret::{AccessToken, RefreshToken},
    session::TokenSet,
    time::Timestamp,
    use_cases::{Incident, ListResources, ListingBudget},
};
use url::Url;

use crate::drive::Outcome;

/// What the fixtures answer is no refusal of the host's.
const OF_THE_FIXTURES: &str = "as the fixtures have it";

/// What the host waits for.
pub(crate) enum Ask {
    /// The provider shall begin to list.
    Begin,
    /// It shall take its next step.
    Next(Vec<Response>),
    /// The cloud shall answer a request of this number.
    Fetch(usize, Request),
}

/// The desk.
#[derive(Default)]
pub(crate) struct Desk(Mutex<Papers>);

#[derive(Default)]
struct Papers {
    asked: VecDeque<Ask>,
    begun: Option<Result<(), CallError>>,
    step: Option<Result<Step, CallError>>,
    answered: BTreeMap<usize, Outcome>,
    /// Requests of the steps before this one.
    before: usize,
    /// Those of this one, without those that are on their way.
    open: Vec<Option<Request>>,
    /// Whether this step's wait is over, and whether it took all the time there was.
    waited: Option<bool>,
    seconds: u64,
}

impl Desk {
    /// The host's listing: what it refused itself, or why it does not take what the provider said.
    pub(crate) async fn listing(
        self: &Arc<Self>,
        descriptor: &Descriptor,
        person: &Person,
    ) -> Result<Vec<Incident>, CallError> {
        let registration = self.registration(descriptor.clone())?;
        let host = ListResources { clock: Arc::clone(self) as _, budget: ListingBudget::default() };
        let found = host.run(&registration, person, &AccessToken::new(PERSONS_TOKEN)).await?;
        let own = |it: &Incident| it.why != OF_THE_FIXTURES;
        Ok(found.incidents.into_iter().filter(own).collect())
    }

    /// What is asked next.
    pub(crate) fn asked(&self) -> Option<Ask> {
        self.papers().asked.pop_front()
    }

    pub(crate) fn begun(&self, begun: Result<(), CallError>) {
        self.papers().begun = Some(begun);
    }

    pub(crate) fn stepped(&self, step: Result<Step, CallError>) {
        let mut papers = self.papers();
        papers.before += papers.open.len();
        papers.open = match &step {
            Ok(Step::Fetch { requests, .. }) => requests.iter().cloned().map(Some).collect(),
            _ => vec![],
        };
        papers.waited = None;
        papers.step = Some(step);
    }

    pub(crate) fn answered(&self, number: usize, outcome: Outcome) {
        self.papers().answered.insert(number, outcome);
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and waits until the answer lies there.
    async fn ask<T>(&self, ask: Ask, answer: impl Fn(&mut Papers) -> Option<T>) -> T {
        self.papers().asked.push_back(ask);
        poll_fn(|_| answer(&mut self.papers()).map_or(Poll::Pending, Poll::Ready)).await
    }

    fn registration(self: &Arc<Self>, descriptor: Descriptor) -> Result<Registration, CallError> {
        let none = |what: String| CallError::from(ProviderError::Unexpected(what));
        let template = SignInTemplate::of_issuer("https://cloud.example");
        Ok(Registration {
            cloud: Arc::new(Behind { descriptor, desk: Arc::clone(self) }),
            sign_in: ConfiguredSignIn::new(template, None, Settings::default())?,
            secrets: BTreeMap::new(),
            revision: Revision::new("on the bench"),
            identity: Arc::new(Tokens),
            api: Arc::clone(self) as _,
            redirect_uri: Url::parse("http://localhost/").map_err(|e| none(e.to_string()))?,
            tenants: AllowedTenants::Everybody,
        })
    }
}

/// No cloud answers with these.
const PERSONS_TOKEN: &str = "the person's token, which is on no bench and in no reply";
const APPLICATIONS_TOKEN: &str = "the application's token, which is on no bench and in no reply";

impl Clock for Desk {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.papers().seconds)
    }
}

/// The provider that is driven, on the other side of the desk.
struct Behind {
    descriptor: Descriptor,
    desk: Arc<Desk>,
}

#[async_trait]
impl CloudProvider for Behind {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn identify<'a>(
        &self,
        _: Option<&'a TenantId>,
        _: &Claims,
    ) -> Result<Option<Identity>, CallError> {
        Ok(None)
    }

    async fn list(&self, _: &Person) -> Result<Box<dyn ListingRun>, CallError> {
        self.desk.ask(Ask::Begin, |papers| papers.begun.take()).await?;
        Ok(Box::new(RunBehind(Arc::clone(&self.desk))))
    }
}

struct RunBehind(Arc<Desk>);

#[async_trait]
impl ListingRun for RunBehind {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        self.0.ask(Ask::Next(responses), |papers| papers.step.take()).await
    }
}

impl Papers {
    /// The number of a request of this step, which is on its way now.
    fn number(&mut self, request: &Request) -> usize {
        let at = self.open.iter().position(|open| open.as_ref() == Some(request));
        let at = at.unwrap_or_default();
        if let Some(open) = self.open.get_mut(at) {
            *open = None;
        }
        self.before + at
    }

    /// Waits once for all requests of a step. Says whether the time of the listing was over then.
    fn wait(&mut self, wait: Duration, within: Duration) -> bool {
        let seconds = &mut self.seconds;
        *self.waited.get_or_insert_with(|| {
            *seconds += wait.min(within).as_secs();
            !wait.is_zero() && wait >= within
        })
    }
}

#[async_trait]
impl CloudApi for Desk {
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure> {
        let failed = |error, detail: &str| FetchFailure { error, detail: detail.into() };
        let number = {
            let mut papers = self.papers();
            if papers.wait(fetch.wait, fetch.within) {
                return Err(failed(FetchError::TimedOut, "its wait took all the time there is"));
            }
            papers.number(fetch.request)
        };
        let ask = Ask::Fetch(number, fetch.request.clone());
        let outcome = self.ask(ask, |papers| papers.answered.remove(&number)).await;
        let reply = outcome.map_err(|error| failed(error, OF_THE_FIXTURES))?;
        if reply.body.len() as u64 > fetch.at_most {
            return Err(failed(FetchError::TooLarge, "the reply is larger than the host reads"));
        }
        Ok(reply)
    }
}

/// An identity provider that gives the application a token, and is asked for nothing else.
struct Tokens;

fn away() -> IdentityProviderError {
    IdentityProviderError::Unreachable("there is none on the bench".into())
}

#[async_trait]
impl IdentityProvider for Tokens {
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
        Ok(AccessToken::new(APPLICATIONS_TOKEN))
    }

    async fn refresh(
        &self,
        _: &SignIn,
        _: &RefreshToken,
        _: &[String],
    ) -> Result<TokenSet, IdentityProviderError> {
        Err(away())
    }

    async fn check(&self, _: &SignIn) -> Result<(), IdentityProviderError> {
        Err(away())
    }

    fn end_session(&self, _: &SignIn, _: &Url) -> Option<Url> {
        None
    }
}
