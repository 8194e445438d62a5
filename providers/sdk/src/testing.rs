//! Runs a provider as the host does, on scripted replies, for its tests.

use std::{
    collections::BTreeSet,
    pin::pin,
    task::{Context, Poll, Waker},
};

use portico_domain::{
    account::Listing,
    identity::{Claims, Identity, Subject, TenantId},
    ports::CloudProvider,
    provider::{
        Descriptor, Endpoints, FetchError, Linked, Problem, Provider, Reply, Request, Response,
        Settings, SignIn, Step,
    },
};

/// What became of a request.
pub type Outcome = Result<Reply, FetchError>;

/// A provider with an operator's settings.
pub struct Cloud<P>(Linked<P>);

/// What a listing asked for, and what it gave.
#[derive(Debug)]
pub struct Listed {
    /// In the order it was asked.
    pub asked: Vec<Request>,
    /// What it gave.
    pub listing: Listing,
}

impl<P: Provider> Cloud<P> {
    /// The provider with these settings, or why it refuses them.
    pub fn configured(settings: &[(&str, &str)]) -> Result<Self, Problem> {
        Linked::new(Settings::from_iter(settings.iter().copied())).map(Self)
    }

    /// The provider with these settings, which it takes.
    #[track_caller]
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::configured(settings).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Who it is, its grants filled.
    pub fn descriptor(&self) -> &Descriptor {
        self.0.descriptor()
    }

    /// How people sign in. Where it names a user record, a grant covers it.
    #[track_caller]
    pub fn sign_in(&self) -> SignIn {
        let sign_in = at_once(self.0.sign_in(None)).unwrap_or_else(|problem| panic!("{problem}"));
        if let Endpoints::Plain(plain) = &sign_in.endpoints
            && let Some(record) = &plain.user_record
        {
            self.assert_granted(&record.grant, portico_domain::provider::Method::Get, &record.url);
        }
        sign_in
    }

    /// Who signed in, by these claims, which must be a JSON object. The host has to believe it.
    #[track_caller]
    pub fn identify(&self, claims: impl ToString) -> Result<Identity, Problem> {
        let claims = Claims::parse(claims.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let identity = at_once(self.0.identify(None, &claims))?;
        let people = self.descriptor().people.as_ref().expect("it signs people in");
        let issuer = self.sign_in().issuer().to_string();
        assert!(
            people.vouch(&claims, &issuer, &identity),
            "the host does not believe {identity:?}"
        );
        Ok(identity)
    }

    /// What is listed where these come in turn, and then nothing.
    #[track_caller]
    pub fn listed(&self, replies: impl IntoIterator<Item = Outcome>) -> Listed {
        let mut replies = replies.into_iter();
        self.list(&person(), move |request| {
            let next = replies.next();
            next.unwrap_or_else(|| panic!("it asks for more: {}", request.url))
        })
    }

    /// What is listed for `identity` where `answer` answers. Every request is held against the
    /// provider's own grants.
    #[track_caller]
    pub fn list(&self, identity: &Identity, mut answer: impl FnMut(&Request) -> Outcome) -> Listed {
        let mut run = at_once(self.0.discover(identity)).unwrap_or_else(|error| panic!("{error}"));
        let mut asked: Vec<Request> = Vec::new();
        let mut responses = Vec::new();
        loop {
            let requests = match at_once(run.next(std::mem::take(&mut responses))) {
                Ok(Step::Fetch(requests)) => requests,
                Ok(Step::Done(listing)) => return Listed { asked, listing },
                Err(problem) => panic!("{problem}"),
            };
            let ids: BTreeSet<_> = requests.iter().map(|request| request.id).collect();
            assert_eq!(ids.len(), requests.len(), "two requests of one step have one id");
            for request in requests {
                self.assert_request(&request);
                responses.push(Response { id: request.id, outcome: answer(&request) });
                asked.push(request);
            }
            assert!(asked.len() <= 500, "it asks for more than the host lets it");
        }
    }

    #[track_caller]
    fn assert_request(&self, request: &Request) {
        let credential = request.credential.as_ref().expect("a request has a token");
        self.assert_granted(&credential.grant, request.method, &request.url);
    }

    #[track_caller]
    fn assert_granted(&self, name: &str, method: portico_domain::provider::Method, url: &url::Url) {
        let grant = self.descriptor().grants.iter().find(|grant| grant.name == name);
        let covers = grant.is_some_and(|grant| grant.covers(method, url));
        assert!(covers, "the grant {name:?} does not cover {url}");
    }
}

impl Listed {
    /// The ids of what was listed.
    pub fn ids(&self) -> Vec<&str> {
        self.listing.subscriptions.iter().map(|subscription| subscription.id.as_str()).collect()
    }

    /// The addresses that were asked for.
    pub fn urls(&self) -> Vec<&str> {
        self.asked.iter().map(|request| request.url.as_str()).collect()
    }

    /// The warnings, where there is more than none.
    pub fn warnings(&self) -> &[String] {
        &self.listing.warnings
    }
}

/// A cloud's answer.
pub fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, headers: vec![], body: body.to_string() }
}

/// An answer with status 200.
pub fn ok(body: impl ToString) -> Outcome {
    Ok(reply(200, body))
}

/// Somebody whose listing it is.
#[allow(clippy::unwrap_used, reason = "they are written here, for tests alone")]
pub fn person() -> Identity {
    Identity {
        subject: Subject::parse("583231").unwrap(),
        tenant: TenantId::parse("contoso.example").unwrap(),
        display_name: "Zofia Nowak".into(),
        username: Some("zofia".into()),
    }
}

/// A linked provider never waits.
#[track_caller]
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a linked provider waits for something"),
    }
}
