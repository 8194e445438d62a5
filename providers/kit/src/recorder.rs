//! Writes down what passes between a host and a provider.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, DiscoveryRun},
    provider::{Descriptor, Problem, Response, Settings, SignIn, Step},
};

use crate::{
    scrub::Scrub,
    tape::{Answered, Exchange, FORMAT, Tape, TapedResponse, TapedStep},
};

/// A provider that is taped: it answers as the one inside, and keeps the first sign-in, the last
/// person and the last listing.
pub struct Recorder {
    provider: Arc<dyn CloudProvider>,
    reel: Arc<Mutex<Reel>>,
}

/// The tape as it comes, unscrubbed: it leaves by [`Recorder::tape`] alone.
struct Reel {
    tape: Tape,
    /// How many listings were begun; steps of one before the last are not written.
    listings: u32,
}

impl Recorder {
    /// Tapes `provider`, which has these settings.
    pub fn new(provider: Arc<dyn CloudProvider>, settings: &Settings) -> Self {
        let tape = Tape {
            format: FORMAT.into(),
            provider: provider.descriptor().into(),
            settings: settings.iter().map(|(key, value)| (key.into(), value.into())).collect(),
            tenant: None,
            sign_in: None,
            claims: None,
            identified: None,
            person: None,
            steps: vec![],
            outcome: None,
        };
        Self { provider, reel: Arc::new(Mutex::new(Reel { tape, listings: 0 })) }
    }

    /// What was taped so far, without what `scrub` takes out.
    pub fn tape(&self, scrub: &Scrub) -> Tape {
        scrub.clean(&self.reel().tape)
    }

    fn reel(&self) -> MutexGuard<'_, Reel> {
        locked(&self.reel)
    }
}

fn locked(reel: &Mutex<Reel>) -> MutexGuard<'_, Reel> {
    reel.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl CloudProvider for Recorder {
    fn descriptor(&self) -> &Descriptor {
        self.provider.descriptor()
    }

    async fn sign_in<'a>(&self, tenant: Option<&'a TenantId>) -> Result<SignIn, Problem> {
        let answered = self.provider.sign_in(tenant).await;
        let tape = &mut self.reel().tape;
        if tape.sign_in.is_none() {
            tape.tenant = tenant.map(ToString::to_string);
            tape.sign_in = Some(Answered::of(answered.clone()));
        }
        answered
    }

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Identity, Problem> {
        let answered = self.provider.identify(tenant, claims).await;
        let tape = &mut self.reel().tape;
        tape.claims = Some(claims.members());
        tape.identified = Some(Answered::of(answered.clone()));
        answered
    }

    async fn discover(&self, identity: &Identity) -> Result<Box<dyn DiscoveryRun>, Problem> {
        let begun = self.provider.discover(identity).await;
        let mut reel = self.reel();
        reel.listings += 1;
        reel.tape.person = Some(identity.clone().into());
        reel.tape.steps.clear();
        reel.tape.outcome =
            begun.as_ref().err().map(|problem| Answered::Problem(problem.clone().into()));
        let (reel_of_run, listing) = (self.reel.clone(), reel.listings);
        let taped = |run| Taped { run, reel: reel_of_run, listing, asked: vec![] };
        Ok(Box::new(taped(begun?)))
    }
}

struct Taped {
    run: Box<dyn DiscoveryRun>,
    reel: Arc<Mutex<Reel>>,
    listing: u32,
    /// The numbers of the last step's requests, in their order.
    asked: Vec<u32>,
}

#[async_trait]
impl DiscoveryRun for Taped {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem> {
        self.write(|tape, asked| write_responses(tape, asked, &responses));
        let answered = self.run.next(responses).await;
        if let Ok(Step::Fetch(requests)) = &answered {
            self.asked = requests.iter().map(|request| request.id).collect();
        }
        self.write(|tape, _| write_step(tape, answered.clone()));
        answered
    }
}

impl Taped {
    fn write(&self, what: impl FnOnce(&mut Tape, &[u32])) {
        let mut reel = locked(&self.reel);
        if reel.listings == self.listing {
            what(&mut reel.tape, &self.asked);
        }
    }
}

fn write_responses(tape: &mut Tape, asked: &[u32], responses: &[Response]) {
    let Some(step) = tape.steps.last_mut() else { return };
    for (exchange, id) in step.exchanges.iter_mut().zip(asked) {
        let response = responses.iter().find(|response| response.id == *id);
        exchange.response = response.map(|response| TapedResponse::from(&response.outcome));
    }
}

fn write_step(tape: &mut Tape, answered: Result<Step, Problem>) {
    match answered {
        Ok(Step::Fetch(requests)) => {
            let taped = requests.iter().map(|it| Exchange { request: it.into(), response: None });
            tape.steps.push(TapedStep { exchanges: taped.collect() });
        }
        Ok(Step::Done(listing)) => tape.outcome = Some(Answered::Ok(listing.into())),
        Err(problem) => tape.outcome = Some(Answered::Problem(problem.into())),
    }
}
