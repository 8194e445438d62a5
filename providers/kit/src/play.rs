//! A listing played from a tape, and how two of them differ, in plain words.

use std::{collections::BTreeMap, sync::Mutex};

use portico_domain::{ports::CloudProvider, provider::FetchError, text::clean};
use serde::Serialize;
use serde_json::Value;

use crate::{
    drive::{Driven, End, drive},
    tape::{
        Answered, Tape, TapedListing, TapedPerson, TapedProblem, TapedRequest, TapedResponse,
        TapedStep, TapedSubscription, TapedTenant,
    },
};

/// What a provider asked for and said in one listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Played {
    steps: Vec<PlayedStep>,
    outcome: Option<Answered<TapedListing>>,
}

/// What it asked for in one step, after how many seconds.
#[derive(Clone, Debug, Default, PartialEq)]
struct PlayedStep {
    wait: u64,
    requests: Vec<TapedRequest>,
}

impl From<&Tape> for Played {
    fn from(tape: &Tape) -> Self {
        let step = |step: &TapedStep| PlayedStep {
            wait: step.wait_seconds,
            requests: step.exchanges.iter().map(|exchange| exchange.request.clone()).collect(),
        };
        Self { steps: tape.steps.iter().map(step).collect(), outcome: tape.outcome.clone() }
    }
}

fn value(it: &impl Serialize) -> Value {
    serde_json::to_value(it).unwrap_or_default()
}

/// Plays the tape to a provider: the same person, the taped replies. A request that is not on the
/// tape finds the cloud unreachable.
pub(crate) async fn play(tape: &Tape, provider: &dyn CloudProvider) -> Played {
    let Some(person) = tape.person.as_ref().and_then(TapedPerson::person) else {
        return Played::default();
    };
    let replies = Replies::on(tape);
    let answer = |_, request: &_| replies.take(&request_of(request));
    drive(provider, &person, &answer, |responses| responses).await.into()
}

fn request_of(request: &portico_domain::provider::Request) -> TapedRequest {
    request.into()
}

impl From<Driven> for Played {
    fn from(driven: Driven) -> Self {
        let step = |step: &crate::drive::DrivenStep| PlayedStep {
            wait: step.wait.as_secs(),
            requests: step.exchanges.iter().map(|(request, _)| request_of(request)).collect(),
        };
        Self {
            steps: driven.steps.iter().map(step).collect(),
            outcome: match driven.end {
                End::Done(listing) => Some(Answered::Ok(listing.into())),
                End::Failed(problem) => Some(Answered::Problem(problem.into())),
            },
        }
    }
}

impl Played {
    /// How `self`, which was, differs from `other`, which is. The first is the first in the listing.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut words = Vec::new();
        let nothing = PlayedStep::default();
        for number in 0..self.steps.len().max(other.steps.len()) {
            let was = self.steps.get(number).unwrap_or(&nothing);
            let is = other.steps.get(number).unwrap_or(&nothing);
            let mut differs = |what: String| words.push(format!("step {}: {what}", number + 1));
            if was.wait != is.wait {
                differs(format!("it waits {} seconds, and waited {}", is.wait, was.wait));
            }
            missing(&was.requests, &is.requests)
                .for_each(|it| differs(format!("it asks no more for {}", named(it))));
            missing(&is.requests, &was.requests)
                .for_each(|it| differs(format!("it now asks for {}", named(it))));
        }
        outcomes_differ(self.outcome.as_ref(), other.outcome.as_ref(), &mut words);
        // Texts of clouds and plug-ins stand in them, and they are printed.
        words.into_iter().map(|words| clean(&words, usize::MAX)).collect()
    }
}

/// What is in `these` and not in `those`.
fn missing<'a>(
    these: &'a [TapedRequest],
    those: &'a [TapedRequest],
) -> impl Iterator<Item = &'a TapedRequest> {
    let mut left: Vec<_> = those.iter().collect();
    these.iter().filter(move |this| match left.iter().position(|that| that == this) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    })
}

/// A request in a line; all of it, since any part may be what differs.
fn named(request: &TapedRequest) -> String {
    let mut line = format!("{} {}", request.method, request.url);
    line.extend(request.headers.iter().map(|(name, value)| format!(", {name}: {value}")));
    line.extend(request.body.iter().map(|body| format!(", with the body {body}")));
    match &request.credential {
        None => line += ", without a token",
        Some(credential) => {
            line += &format!(", under the permission {}", credential.permission);
            line.extend(credential.tenant.iter().map(|tenant| format!(" in the tenant {tenant}")));
        }
    }
    line
}

/// Where two values differ, each place in words.
fn differ(place: &str, was: &Value, is: &Value, words: &mut Vec<String>) {
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            let names: std::collections::BTreeSet<_> = was.keys().chain(is.keys()).collect();
            for name in names {
                let at = |members: &serde_json::Map<String, Value>| members.get(name).cloned();
                let (was, is) = (at(was).unwrap_or_default(), at(is).unwrap_or_default());
                differ(&format!("{place}, {name}"), &was, &is, words);
            }
        }
        _ if was == is => {}
        (Value::Null, is) => words.push(format!("{place} is now {is}, and was nothing")),
        (was, Value::Null) => words.push(format!("{place} is gone; it was {was}")),
        (was, is) => words.push(format!("{place} was {was} and is now {is}")),
    }
}

fn outcomes_differ(
    was: Option<&Answered<TapedListing>>,
    is: Option<&Answered<TapedListing>>,
    words: &mut Vec<String>,
) {
    match (was, is) {
        (Some(Answered::Ok(was)), Some(Answered::Ok(is))) => listings_differ(was, is, words),
        (was, is) if was == is => {}
        (was, is) => {
            words.push(format!("the listing {} and now {}", ended(was), ended(is)));
        }
    }
}

fn ended(outcome: Option<&Answered<TapedListing>>) -> String {
    match outcome {
        None => "did not end".into(),
        Some(Answered::Ok(listing)) => format!("came to {} entries", listing.subscriptions.len()),
        Some(Answered::Problem(TapedProblem::Broken(why))) => format!("broke ({why})"),
        Some(Answered::Problem(problem)) => {
            format!("ended with the problem {}", value(problem))
        }
    }
}

fn listings_differ(was: &TapedListing, is: &TapedListing, words: &mut Vec<String>) {
    let entry = |one: &TapedSubscription| (one.id.clone(), one.display_name.clone(), value(one));
    let entries = |listing: &TapedListing| listing.subscriptions.iter().map(entry).collect();
    let (old, new): (Vec<_>, Vec<_>) = (entries(was), entries(is));
    each_differs("", &old, &new, words);
    let tenant = |one: &TapedTenant| (one.id.clone(), one.display_name.clone(), value(one));
    let tenants = |listing: &TapedListing| listing.tenants.iter().map(tenant).collect::<Vec<_>>();
    each_differs("the tenant ", &tenants(was), &tenants(is), words);
    let order = |listing: &TapedListing| -> Vec<_> {
        listing.subscriptions.iter().map(|one| one.id.clone()).collect()
    };
    if sorted(old) == sorted(new) && order(was) != order(is) {
        words.push("it lists the same in another order".into());
    }
    let gone = was.warnings.iter().filter(|warning| !is.warnings.contains(warning));
    words.extend(gone.map(|warning| format!("it warns no more: {warning}")));
    let said = is.warnings.iter().filter(|warning| !was.warnings.contains(warning));
    words.extend(said.map(|warning| format!("it now warns: {warning}")));
}

/// Something that is listed: its id, its name, and all of it.
type Entry = (String, String, Value);

fn each_differs(kind: &str, old: &[Entry], new: &[Entry], words: &mut Vec<String>) {
    let by_id = |entries: &[Entry]| -> BTreeMap<String, (String, Value)> {
        entries.iter().cloned().map(|(id, name, all)| (id, (name, all))).collect()
    };
    let (old, new) = (by_id(old), by_id(new));
    for (id, (name, was)) in &old {
        match new.get(id) {
            None => words.push(format!("it lists {kind}{id} ({name}) no more")),
            Some((_, is)) => {
                let place = if kind.is_empty() { "the entry " } else { kind };
                differ(&format!("{place}{id}"), was, is, words);
            }
        }
    }
    let added = new.iter().filter(|(id, _)| !old.contains_key(*id));
    words.extend(added.map(|(id, (name, _))| format!("it now lists {kind}{id} ({name})")));
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}

/// The taped replies, each given once; a request that was taped once and comes again gets the
/// same reply again.
struct Replies {
    left: Mutex<Vec<(TapedRequest, TapedResponse)>>,
    all: Vec<(TapedRequest, TapedResponse)>,
}

impl Replies {
    fn on(tape: &Tape) -> Self {
        let exchanges = tape.steps.iter().flat_map(|step| &step.exchanges);
        let taped = exchanges.filter_map(|it| Some((it.request.clone(), it.response.clone()?)));
        let all: Vec<_> = taped.collect();
        Self { left: Mutex::new(all.clone()), all }
    }

    fn take(&self, request: &TapedRequest) -> crate::drive::Outcome {
        let mut left = self.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let taped = match left.iter().position(|(taped, _)| taped == request) {
            Some(at) => Some(left.remove(at).1),
            None => self.all.iter().find(|(taped, _)| taped == request).map(|(_, it)| it.clone()),
        };
        taped.map_or(Err(FetchError::Unreachable), |response| response.outcome())
    }
}
