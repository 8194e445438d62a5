//! Lists what a person can reach: runs a provider's coroutine and holds every request it makes
//! against its grants and a budget.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;

use crate::{
    account::Listing,
    identity::Identity,
    ports::{Clock, Fetch, FetchFailure},
    provider::{
        FetchError, Grant, Principal, Problem, Registration, Reply, Request, Response, SignIn, Step,
    },
    secret::AccessToken,
    time::Timestamp,
};

/// What one listing may cost.
#[derive(Clone, Copy, Debug)]
pub struct DiscoveryBudget {
    /// Requests in all. A page of subscriptions holds about a hundred.
    pub requests: u32,
    /// Bytes of replies in all.
    pub bytes: u64,
    /// Bytes of one reply.
    pub reply: u64,
    /// Time in all: the person waits for it in front of an empty page.
    pub time: Duration,
}

impl Default for DiscoveryBudget {
    fn default() -> Self {
        Self { requests: 500, bytes: 32 << 20, reply: 1 << 20, time: Duration::from_secs(20) }
    }
}

/// How many requests of one step are under way at once. With the limit of one reply it bounds the
/// memory that a listing can take.
const SIDE_BY_SIDE: usize = 8;

/// Lists what people can reach.
#[derive(Clone)]
pub struct Discover {
    /// The time, for the budget.
    pub clock: Arc<dyn Clock>,
    /// What one listing may cost.
    pub budget: DiscoveryBudget,
}

/// A listing, and what went wrong on the way.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// What came.
    pub listing: Listing,
    /// Every request that brought no answer, for the log.
    pub incidents: Vec<Incident>,
}

/// A request that brought no answer, or a provider that could not go on.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What was asked for, without its query; empty where it was no request.
    pub what: String,
    /// Why it failed; holds no token.
    pub why: String,
}

impl Discover {
    /// Lists what `identity` can reach. It never fails as a whole: a sign-in that succeeded stays a
    /// success, and what is missing stands in the warnings.
    pub async fn run(
        &self,
        provider: &Registration,
        identity: &Identity,
        person: &AccessToken,
    ) -> Discovered {
        let begun = self.clock.now();
        let mut run = Run {
            provider,
            identity,
            person,
            application: BTreeMap::new(),
            deadline: begun.plus(self.budget.time),
            clock: &*self.clock,
            left: self.budget,
            incidents: Vec::new(),
        };
        let listing = match run.drive().await {
            Ok(listing) => listing,
            Err(problem) => {
                let why = problem.to_string();
                run.incidents.push(Incident { what: String::new(), why });
                nothing_listed(&provider.cloud.descriptor().account_noun)
            }
        };
        Discovered { listing, incidents: run.incidents }
    }
}

fn nothing_listed(noun: &str) -> Listing {
    let warning = format!(
        "Your {noun}s could not be listed. You are signed in; sign in again later to list them."
    );
    Listing { subscriptions: Vec::new(), warnings: vec![warning] }
}

/// One listing under way.
struct Run<'a> {
    provider: &'a Registration,
    identity: &'a Identity,
    person: &'a AccessToken,
    /// The application's tokens that requests needed so far, by grant: none goes under another.
    application: BTreeMap<String, AccessToken>,
    deadline: Timestamp,
    clock: &'a dyn Clock,
    left: DiscoveryBudget,
    incidents: Vec<Incident>,
}

impl Run<'_> {
    async fn drive(&mut self) -> Result<Listing, Problem> {
        let mut discovery = self.provider.cloud.discover(self.identity).await?;
        let mut responses = Vec::new();
        // A provider that goes on asking after its budget is spent is answered a few times more,
        // to let it end with what it has, and then stopped.
        let mut steps_left = self.left.requests + 8;
        while steps_left > 0 {
            match discovery.next(responses).await? {
                Step::Done(listing) => return Ok(listing),
                Step::Fetch(requests) => responses = self.answer(requests).await,
            }
            steps_left -= 1;
        }
        Err(Problem::Unexpected("the provider did not end its listing".into()))
    }

    /// Answers every request of a step, a few side by side.
    async fn answer(&mut self, requests: Vec<Request>) -> Vec<Response> {
        self.prepare_application_tokens(&requests).await;
        let mut responses = Vec::with_capacity(requests.len());
        for side_by_side in requests.chunks(SIDE_BY_SIDE) {
            let granted: Vec<_> =
                side_by_side.iter().map(|request| self.spend_on(request)).collect();
            let this = &*self;
            let fetches = side_by_side.iter().zip(granted);
            let fetches = fetches.map(|(request, granted)| this.fetch(request, granted));
            let outcomes = join_all(fetches).await;
            let concluded = side_by_side.iter().zip(outcomes);
            responses.extend(concluded.map(|(request, outcome)| self.conclude(request, outcome)));
        }
        responses
    }

    /// Takes one request out of the budget, and finds the grant that covers it.
    fn spend_on(&mut self, request: &Request) -> Result<Option<Grant>, FetchError> {
        let spent = self.left.requests == 0 || self.left.bytes == 0 || self.time_left().is_zero();
        if spent {
            return Err(FetchError::BudgetSpent);
        }
        self.left.requests -= 1;
        self.granted(request)
    }

    fn time_left(&self) -> Duration {
        self.deadline.since(self.clock.now())
    }

    /// The grant that a request names, if it covers where the request goes.
    fn granted(&self, request: &Request) -> Result<Option<Grant>, FetchError> {
        let grants = &self.provider.cloud.descriptor().grants;
        match &request.credential {
            Some(credential) => grants
                .iter()
                .find(|grant| grant.name == credential.grant && grant.covers(&request.url))
                .map(|grant| Some(grant.clone()))
                .ok_or(FetchError::NotGranted),
            // Without a token too, a provider reaches only what was granted.
            None if grants.iter().any(|grant| grant.covers(&request.url)) => Ok(None),
            None => Err(FetchError::NotGranted),
        }
    }

    async fn prepare_application_tokens(&mut self, requests: &[Request]) {
        for request in requests {
            let Ok(Some(grant)) = self.granted(request) else { continue };
            let known = self.application.contains_key(&grant.name);
            if grant.principal != Principal::Application || known {
                continue;
            }
            match self.application_token(&grant.scopes).await {
                Ok(token) => drop(self.application.insert(grant.name, token)),
                Err(why) => {
                    let what = format!("the application's token for {}", grant.name);
                    self.incidents.push(Incident { what, why });
                    // The requests of this step are answered without; asking again for each of
                    // them would only ask a provider that is away more often.
                    return;
                }
            }
        }
    }

    async fn application_token(&self, scopes: &[String]) -> Result<AccessToken, String> {
        // The application's token is asked for in the tenant that the person signed in to.
        let tenant = Some(&self.identity.tenant);
        let sign_in: SignIn =
            self.provider.cloud.sign_in(tenant).await.map_err(|problem| problem.to_string())?;
        let token = self.provider.identity.application_token(&sign_in, scopes).await;
        token.map_err(|error| error.to_string())
    }

    async fn fetch(
        &self,
        request: &Request,
        granted: Result<Option<Grant>, FetchError>,
    ) -> Result<Reply, FetchFailure> {
        let grant = granted.map_err(|error| FetchFailure { error, detail: error.to_string() })?;
        let token = match &grant {
            None => None,
            Some(grant) => Some((self.token_for(grant)?, &grant.placement)),
        };
        let at_most = self.left.reply.min(self.left.bytes);
        let fetch = Fetch { request, token, within: self.time_left(), at_most };
        let mut reply = self.provider.api.fetch(fetch).await?;
        if let Some((token, _)) = token {
            scrub(&mut reply, token);
        }
        Ok(reply)
    }

    fn token_for(&self, grant: &Grant) -> Result<&AccessToken, FetchFailure> {
        match grant.principal {
            Principal::SignedInUser => Ok(self.person),
            Principal::Application => {
                self.application.get(&grant.name).ok_or_else(|| FetchFailure {
                    error: FetchError::NoToken,
                    detail: "the application has no token".into(),
                })
            }
        }
    }

    fn conclude(&mut self, request: &Request, outcome: Result<Reply, FetchFailure>) -> Response {
        let outcome = match outcome {
            Ok(reply) => {
                self.left.bytes = self.left.bytes.saturating_sub(reply.body.len() as u64);
                Ok(reply)
            }
            Err(failure) => {
                let mut url = request.url.clone();
                url.set_query(None);
                self.incidents.push(Incident { what: url.to_string(), why: failure.detail });
                Err(failure.error)
            }
        };
        Response { id: request.id, outcome }
    }
}

/// A cloud that echoes a request must not hand its token to the provider.
fn scrub(reply: &mut Reply, token: &AccessToken) {
    let texts = reply.headers.iter_mut().map(|(_, value)| value).chain([&mut reply.body]);
    for text in texts {
        if text.contains(token.expose()) {
            *text = text.replace(token.expose(), "(token removed)");
        }
    }
}

#[cfg(test)]
mod tests;
