//! Writes down what passes between a host and a provider.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
    provider::{Descriptor, FieldKind, Person, ProviderError, Response, Settings, Step},
};

use crate::{
    scrub::Scrub,
    tape::{Answered, Exchange, FORMAT, Tape, TapedResponse, TapedStep},
};

/// A provider that is taped: it answers as the one inside, and keeps the last listing and whose it
/// is. Claims never get on a tape.
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
    /// Tapes `provider`, which has these settings. A secret one is left out.
    pub fn new(provider: Arc<dyn CloudProvider>, settings: &Settings) -> Self {
        let descriptor = provider.descriptor();
        let is_secret = |key: &str| {
            let mut specs = descriptor.settings.iter();
            specs.any(|spec| spec.key == key && spec.kind == FieldKind::Secret)
        };
        let settings = settings.iter().filter(|(key, _)| !is_secret(key));
        let tape = Tape {
            format: FORMAT.into(),
            provider: descriptor.into(),
            settings: settings.map(|(key, value)| (key.into(), value.into())).collect(),
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

    async fn identify<'a>(
        &self,
        tenant: Option<&'a TenantId>,
        claims: &Claims,
    ) -> Result<Option<Identity>, ProviderError> {
        self.provider.identify(tenant, claims).await
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, ProviderError> {
        let begun = self.provider.list(person).await;
        let mut reel = self.reel();
        reel.listings += 1;
        reel.tape.person = Some(person.into());
        reel.tape.steps.clear();
        reel.tape.outcome =
            begun.as_ref().err().map(|problem| Answered::Problem(problem.clone().into()));
        let (reel_of_run, listing) = (self.reel.clone(), reel.listings);
        let taped = |run| Taped { run, reel: reel_of_run, listing, asked: vec![] };
        Ok(Box::new(taped(begun?)))
    }
}

struct Taped {
    run: Box<dyn ListingRun>,
    reel: Arc<Mutex<Reel>>,
    listing: u32,
    /// The numbers of the last step's requests, in their order.
    asked: Vec<u32>,
}

#[async_trait]
impl ListingRun for Taped {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError> {
        self.write(|tape, asked| write_responses(tape, asked, &responses));
        let answered = self.run.next(responses).await;
        if let Ok(Step::Fetch { requests, .. }) = &answered {
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

fn write_step(tape: &mut Tape, answered: Result<Step, ProviderError>) {
    match answered {
        Ok(Step::Fetch { requests, wait }) => {
            let taped = requests.iter().map(|it| Exchange { request: it.into(), response: None });
            let exchanges = taped.collect();
            tape.steps.push(TapedStep { wait_seconds: wait.as_secs(), exchanges });
        }
        Ok(Step::Done(listing)) => tape.outcome = Some(Answered::Ok(listing.into())),
        Err(problem) => tape.outcome = Some(Answered::Problem(problem.into())),
    }
}
