//! Lists what a person can reach: runs a provider's coroutine and holds every request it makes
//! against its grants and a budget.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;

use crate::{
    account::Listing,
    echo::TokenEcho,
    identity::TenantId,
    ports::{Clock, Fetch, FetchFailure},
    provider::{
        CallError, FetchError, Permission, Person, Principal, Registration, Reply, Request,
        Response, Step, headers,
    },
    secret::AccessToken,
    time::Timestamp,
};

pub(super) mod checked;
mod said;

/// What one listing may cost.
#[derive(Clone, Copy, Debug)]
pub struct ListingBudget {
    /// Requests in all. A page of subscriptions holds about a hundred.
    pub requests: u32,
    /// Bytes of replies in all.
    pub bytes: u64,
    /// Bytes of one reply.
    pub reply: u64,
    /// Time in all: the person waits for it in front of an empty page.
    pub time: Duration,
}

impl Default for ListingBudget {
    fn default() -> Self {
        Self { requests: 500, bytes: 32 << 20, reply: 1 << 20, time: Duration::from_secs(20) }
    }
}

/// How many requests of one step are under way at once. With the limit of one reply it bounds the
/// memory that a listing can take.
const MAX_CONCURRENT_FETCHES: usize = 8;

/// How many requests one step may hold.
const MAX_AT_ONCE: usize = 500;

/// A provider that goes on asking after its budget is spent is answered a few times more, to let it
/// end with what it has, and then stopped.
const STEPS_AFTER_BUDGET: u32 = 8;

/// Lists what people can reach.
#[derive(Clone)]
pub struct ListResources {
    /// The time, for the budget.
    pub clock: Arc<dyn Clock>,
    /// What one listing may cost.
    pub budget: ListingBudget,
}

/// A listing, and what went wrong on the way.
#[derive(Clone, Debug, Default)]
pub struct Listed {
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

impl ListResources {
    /// Lists what `listed` can reach. Where the cloud fails, a sign-in that succeeded stays a
    /// success, and what is missing stands in the warnings. It fails where the provider broke a rule
    /// ([`CallError::Broken`]), since nothing that it says is believed from then on, and where the
    /// host has no room for it ([`CallError::Overloaded`]).
    pub async fn run(
        &self,
        provider: &Registration,
        listed: &Person,
        person: &AccessToken,
    ) -> Result<Listed, CallError> {
        let begun = self.clock.now();
        let mut run = Run {
            provider,
            listed,
            person,
            application: BTreeMap::new(),
            echo: watching(provider, person),
            deadline: begun.plus(self.budget.time),
            clock: &*self.clock,
            left: self.budget,
            refused: false,
            missed: Vec::new(),
            incidents: Vec::new(),
        };
        let descriptor = provider.cloud.descriptor();
        let mut listing = match run.drive().await.and_then(checked::listing) {
            Ok(listing) => listing,
            Err(ours @ (CallError::Broken(_) | CallError::Overloaded)) => return Err(ours),
            Err(CallError::Provider(problem)) => {
                let why = problem.to_string();
                run.incidents.push(Incident { what: String::new(), why });
                said::nothing_listed(descriptor, &problem)
            }
        };
        if !run.missed.is_empty() {
            listing.warnings.push(said::cut_short(descriptor));
            run.incidents.append(&mut run.missed);
        } else if run.refused && listing.warnings.is_empty() {
            listing.warnings.push(said::refused(descriptor));
        }
        Ok(Listed { listing, incidents: run.incidents })
    }
}

/// Looks for the person's token, which the sign-in has used already, and for the operator's secrets.
pub(super) fn watching(provider: &Registration, person: &AccessToken) -> TokenEcho {
    let mut echo = TokenEcho::default();
    echo.watch(person);
    for secret in provider.secrets.values() {
        echo.watch(&AccessToken::new(secret.expose()));
    }
    echo
}

/// Names one of the application's tokens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct TokenName {
    permission: String,
    tenant: TenantId,
}

/// One listing under way.
struct Run<'a> {
    provider: &'a Registration,
    listed: &'a Person,
    person: &'a AccessToken,
    /// The application's tokens that requests needed so far, by grant and tenant: none goes under
    /// another.
    application: BTreeMap<TokenName, AccessToken>,
    /// Every token that went out so far. A cloud may say one in a later reply too.
    echo: TokenEcho,
    deadline: Timestamp,
    clock: &'a dyn Clock,
    left: ListingBudget,
    /// Whether the host itself refused a request: the provider need not say so.
    refused: bool,
    /// Headers of the last step's replies that lead to the rest of a list and were withheld: no
    /// grant declares them. Where the provider ends with these, it ended too early.
    missed: Vec<Incident>,
    incidents: Vec<Incident>,
}

impl Run<'_> {
    async fn drive(&mut self) -> Result<Listing, CallError> {
        let mut discovery = self.provider.cloud.list(self.listed).await?;
        let mut responses = Vec::new();
        let mut steps_after_budget = STEPS_AFTER_BUDGET;
        loop {
            let (requests, wait) = match discovery.next(responses).await? {
                Step::Done(listing) => return Ok(listing),
                Step::Fetch { requests, wait } => (requests, wait.min(self.time_left())),
            };
            if requests.len() > MAX_AT_ONCE {
                let asked = requests.len();
                return Err(CallError::Broken(format!("it asked for {asked} requests at once")));
            }
            if self.is_spent() {
                steps_after_budget -= 1;
            }
            if steps_after_budget == 0 {
                return Err(CallError::Broken(
                    "it went on asking after its budget was spent".into(),
                ));
            }
            responses = self.answer(requests, wait).await;
        }
    }

    /// Answers every request of a step, a few side by side.
    async fn answer(&mut self, requests: Vec<Request>, wait: Duration) -> Vec<Response> {
        if requests.is_empty() {
            // Asking for nothing, over and over, has an end too.
            self.left.requests = self.left.requests.saturating_sub(1);
        }
        self.missed.clear();
        self.prepare_application_tokens(&requests).await;
        self.watch_tokens(&requests);
        let mut responses = Vec::with_capacity(requests.len());
        let chunks = requests.chunks(MAX_CONCURRENT_FETCHES).enumerate();
        for (at, side_by_side) in chunks {
            let wait = if at == 0 { wait } else { Duration::ZERO };
            let granted: Vec<_> =
                side_by_side.iter().map(|request| self.spend_on(request)).collect();
            let this = &*self;
            let fetches = side_by_side.iter().zip(granted);
            let fetches = fetches.map(|(request, granted)| this.fetch(request, granted, wait));
            let outcomes = join_all(fetches).await;
            let concluded = side_by_side.iter().zip(outcomes);
            responses.extend(concluded.map(|(request, outcome)| self.conclude(request, outcome)));
        }
        responses
    }

    /// Takes one request out of the budget, and finds the grant that covers it.
    fn spend_on(&mut self, request: &Request) -> Result<Option<Permission>, FetchError> {
        if self.is_spent() {
            return Err(FetchError::BudgetSpent);
        }
        self.left.requests -= 1;
        self.granted(request)
    }

    fn is_spent(&self) -> bool {
        self.left.requests == 0 || self.left.bytes == 0 || self.time_left().is_zero()
    }

    fn time_left(&self) -> Duration {
        self.deadline.since(self.clock.now())
    }

    /// The grant that a request names, if it covers where the request goes.
    fn granted(&self, request: &Request) -> Result<Option<Permission>, FetchError> {
        let permissions = &self.provider.cloud.descriptor().permissions;
        match &request.credential {
            Some(credential) => permissions
                .iter()
                .find(|permission| {
                    permission.name == credential.permission
                        && permission.covers(request.method, &request.url)
                })
                .map(|permission| Some(permission.clone()))
                .ok_or(FetchError::NotGranted),
            // Without a token too, a provider reaches only what was granted.
            None if permissions
                .iter()
                .any(|permission| permission.covers(request.method, &request.url)) =>
            {
                Ok(None)
            }
            None => Err(FetchError::NotGranted),
        }
    }

    async fn prepare_application_tokens(&mut self, requests: &[Request]) {
        for request in requests {
            let Ok(Some(permission)) = self.granted(request) else { continue };
            let name = self.token_name(request, &permission);
            if permission.principal != Principal::Application
                || self.application.contains_key(&name)
            {
                continue;
            }
            match self.application_token(&name.tenant, &permission.scopes).await {
                Ok(token) => drop(self.application.insert(name, token)),
                Err(why) => {
                    let what = format!("the application's token for {}", permission.name);
                    self.incidents.push(Incident { what, why });
                    // The requests of this step are answered without; asking again for each of
                    // them would only ask a provider that is away more often.
                    return;
                }
            }
        }
    }

    /// A token is asked for in the tenant that the person signed in to, unless a request names
    /// another.
    fn token_name(&self, request: &Request, permission: &Permission) -> TokenName {
        let named = request.credential.as_ref().and_then(|credential| credential.tenant.clone());
        let tenant = named.unwrap_or_else(|| self.listed.identity.tenant.clone());
        TokenName { permission: permission.name.clone(), tenant }
    }

    async fn application_token(
        &self,
        tenant: &TenantId,
        scopes: &[String],
    ) -> Result<AccessToken, String> {
        if *tenant != self.listed.identity.tenant && !self.provider.tenants.allow(tenant) {
            return Err(format!("the tenant {tenant} is not allowed"));
        }
        let sign_in = self.provider.sign_in.at(Some(tenant));
        let sign_in = sign_in.map_err(|problem| problem.to_string())?;
        let token = self.provider.identity.application_token(&sign_in, scopes).await;
        token.map_err(|error| error.to_string())
    }

    async fn fetch(
        &self,
        request: &Request,
        granted: Result<Option<Permission>, FetchError>,
        wait: Duration,
    ) -> Result<Reply, FetchFailure> {
        let permission =
            granted.map_err(|error| FetchFailure { error, detail: error.to_string() })?;
        if let Some(why) = headers::refused_in(&request.headers, declared(permission.as_ref()).0) {
            return Err(FetchFailure { error: FetchError::NotGranted, detail: why });
        }
        let token = match &permission {
            None => None,
            Some(permission) if permission.principal == Principal::Nobody => None,
            Some(permission) => Some((self.token_for(request, permission)?, &permission.placement)),
        };
        let at_most = self.left.reply.min(self.left.bytes);
        let mut fetch = Fetch { token, wait, ..Fetch::of(request, self.time_left(), at_most) };
        if let Some(permission) = &permission {
            fetch.secret_headers = self.provider.secret_headers(permission);
            fetch.request_headers = &permission.request_headers;
        }
        self.provider.api.fetch(fetch).await
    }

    /// Looks for the tokens of these requests in every reply from now on.
    fn watch_tokens(&mut self, requests: &[Request]) {
        for request in requests {
            let Ok(Some(permission)) = self.granted(request) else { continue };
            let Ok(token) = self.token_for(request, &permission).cloned() else { continue };
            self.echo.watch(&token);
        }
    }

    fn token_for(
        &self,
        request: &Request,
        permission: &Permission,
    ) -> Result<&AccessToken, FetchFailure> {
        let name = self.token_name(request, permission);
        let token = match permission.principal {
            // The person's token is of the tenant they signed in to.
            Principal::SignedInUser if name.tenant != self.listed.identity.tenant => None,
            Principal::SignedInUser => Some(self.person),
            Principal::Application => self.application.get(&name),
            Principal::Nobody => None,
        };
        token.ok_or_else(|| FetchFailure {
            error: FetchError::NoToken,
            detail: format!("there is no token under {} in {}", name.permission, name.tenant),
        })
    }

    /// Takes the reply out of the budget, and refuses it where it holds a token.
    fn without_token(&mut self, reply: Reply) -> Result<Reply, FetchFailure> {
        self.left.bytes = self.left.bytes.saturating_sub(reply.body.len() as u64);
        if self.echo.is_in(&reply) {
            let detail = "echoed_token: the reply holds a token, and was withheld".into();
            return Err(FetchFailure { error: FetchError::Refused, detail });
        }
        Ok(reply)
    }

    fn conclude(&mut self, request: &Request, outcome: Result<Reply, FetchFailure>) -> Response {
        let outcome = outcome.map(|reply| self.read_by_provider(request, reply));
        let outcome = match outcome.and_then(|reply| self.without_token(reply)) {
            Ok(reply) => Ok(reply),
            Err(failure) => {
                self.refused |=
                    matches!(failure.error, FetchError::NotGranted | FetchError::NoToken);
                self.incidents.push(Incident { what: place(request), why: failure.detail });
                Err(failure.error)
            }
        };
        Response { id: request.id, outcome }
    }

    /// The reply with the headers that its grant lets the provider read.
    fn read_by_provider(&mut self, request: &Request, reply: Reply) -> Reply {
        let permission = self.granted(request).ok().flatten();
        let (headers, missed) = headers::split(reply.headers, declared(permission.as_ref()).1);
        let incident = |name: String| Incident {
            what: place(request),
            why: format!(
                "the reply has the header {name}, which no permission names (reply-headers): the \
                 plug-in is not told where the list goes on"
            ),
        };
        self.missed.extend(missed.into_iter().map(incident));
        Reply { headers, ..reply }
    }
}

/// The headers that a grant declares for its requests and for their replies.
fn declared(permission: Option<&Permission>) -> (&[String], &[String]) {
    permission
        .map_or((&[], &[]), |permission| (&permission.request_headers, &permission.reply_headers))
}

/// Where a request went, without its query: a provider may put anything there.
fn place(request: &Request) -> String {
    let mut url = request.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

#[cfg(test)]
mod tests;
