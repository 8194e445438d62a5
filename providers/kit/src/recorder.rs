//! Records the listings of a provider on a tape.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use portico_domain::{
    identity::{Claims, Identity, TenantId},
    ports::{CloudProvider, ListingRun},
    provider::{CallError, Descriptor, FieldKind, Person, Response, Settings, Step},
};

use crate::{
    scrub::{CannotScrub, Scrub},
    tape::{Answered, Exchange, FORMAT, Tape, TapedProblem, TapedResponse, TapedStep},
};

/// Wraps a provider and records its last listing with the person. Claims are never recorded.
pub struct Recorder {
    provider: Arc<dyn CloudProvider>,
    recording: Arc<Mutex<Recording>>,
}

/// The tape before it is scrubbed. It leaves the recorder by [`Recorder::tape`] alone.
struct Recording {
    tape: Tape,
    /// The number of the current listing. Steps of earlier listings are not recorded.
    listing: u32,
}

impl Recorder {
    /// Records `provider`, which was configured with these settings. Secret settings are left out.
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
        Self { provider, recording: Arc::new(Mutex::new(Recording { tape, listing: 0 })) }
    }

    /// The tape so far, scrubbed. Fails as [`Scrub::clean`] does.
    pub fn tape(&self, scrub: &Scrub) -> Result<Tape, CannotScrub> {
        scrub.clean(&lock(&self.recording).tape)
    }

    /// Whether the listing has come to its end.
    pub fn is_finished(&self) -> bool {
        lock(&self.recording).tape.outcome.is_some()
    }
}

fn lock(recording: &Mutex<Recording>) -> MutexGuard<'_, Recording> {
    recording.lock().unwrap_or_else(PoisonError::into_inner)
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
    ) -> Result<Option<Identity>, CallError> {
        self.provider.identify(tenant, claims).await
    }

    async fn list(&self, person: &Person) -> Result<Box<dyn ListingRun>, CallError> {
        let run = self.provider.list(person).await;
        let mut recording = lock(&self.recording);
        recording.listing += 1;
        recording.tape.person = Some(person.into());
        recording.tape.steps.clear();
        let error = run.as_ref().err().cloned();
        recording.tape.outcome = error.and_then(TapedProblem::of).map(Answered::Problem);
        Ok(Box::new(RecordedRun {
            run: run?,
            recording: self.recording.clone(),
            listing: recording.listing,
            request_ids: vec![],
        }))
    }
}

struct RecordedRun {
    run: Box<dyn ListingRun>,
    recording: Arc<Mutex<Recording>>,
    listing: u32,
    /// The ids of the last step's requests, in order.
    request_ids: Vec<u32>,
}

#[async_trait]
impl ListingRun for RecordedRun {
    async fn next(&mut self, responses: Vec<Response>) -> Result<Step, CallError> {
        self.record(|tape| record_responses(tape, &self.request_ids, &responses));
        let step = self.run.next(responses).await;
        if let Ok(Step::Fetch { requests, .. }) = &step {
            self.request_ids = requests.iter().map(|request| request.id).collect();
        }
        self.record(|tape| record_step(tape, step.clone()));
        step
    }
}

impl RecordedRun {
    /// Changes the tape, unless another listing has begun.
    fn record(&self, change: impl FnOnce(&mut Tape)) {
        let mut recording = lock(&self.recording);
        if recording.listing == self.listing {
            change(&mut recording.tape);
        }
    }
}

fn record_responses(tape: &mut Tape, request_ids: &[u32], responses: &[Response]) {
    let Some(step) = tape.steps.last_mut() else { return };
    for (exchange, id) in step.exchanges.iter_mut().zip(request_ids) {
        let response = responses.iter().find(|response| response.id == *id);
        exchange.response = response.map(|response| TapedResponse::from(&response.outcome));
    }
}

fn record_step(tape: &mut Tape, step: Result<Step, CallError>) {
    match step {
        Ok(Step::Fetch { requests, wait }) => {
            let exchange = |request| Exchange { request, response: None };
            let exchanges = requests.iter().map(|request| exchange(request.into())).collect();
            tape.steps.push(TapedStep { wait_seconds: wait.as_secs(), exchanges });
        }
        Ok(Step::Done(listing)) => tape.outcome = Some(Answered::Ok(listing.into())),
        Err(error) => tape.outcome = TapedProblem::of(error).map(Answered::Problem),
    }
}

#[cfg(test)]
mod tests;
