//! A login played from a tape, and how two of them differ, in plain words.

use std::{collections::BTreeMap, sync::Mutex};

use portico_domain::{ports::CloudProvider, provider::FetchError};
use serde::Serialize;
use serde_json::Value;

use crate::{
    drive::{Driven, End, drive, guarded},
    tape::{
        Answered, Tape, TapedListing, TapedProblem, TapedRequest, TapedResponse, TapedSubscription,
    },
};

/// What a provider said and asked in one login.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Played {
    sign_in: Value,
    identified: Value,
    steps: Vec<Vec<TapedRequest>>,
    outcome: Option<Answered<TapedListing>>,
}

impl From<&Tape> for Played {
    fn from(tape: &Tape) -> Self {
        let requests = |step: &crate::TapedStep| {
            step.exchanges.iter().map(|exchange| exchange.request.clone()).collect()
        };
        Self {
            sign_in: value(&tape.sign_in),
            identified: value(&tape.identified),
            steps: tape.steps.iter().map(requests).collect(),
            outcome: tape.outcome.clone(),
        }
    }
}

fn value(it: &impl Serialize) -> Value {
    serde_json::to_value(it).unwrap_or_default()
}

/// Plays the tape to a provider: the same questions, the taped replies. A request that is not on
/// the tape finds the cloud unreachable.
pub(crate) async fn play(tape: &Tape, provider: &dyn CloudProvider) -> Played {
    let tenant = tape.tenant();
    let mut played = Played::default();
    if tape.sign_in.is_some() {
        let sign_in = guarded(provider.sign_in(tenant.as_ref())).await;
        played.sign_in = value(&Answered::<crate::TapedSignIn>::of(sign_in));
    }
    if let Some(claims) = tape.claims().filter(|_| tape.identified.is_some()) {
        let identity = guarded(provider.identify(tenant.as_ref(), &claims)).await;
        played.identified = value(&Answered::<crate::TapedIdentity>::of(identity));
    }
    if let Some(person) = tape.person.as_ref().and_then(crate::TapedIdentity::identity) {
        let replies = Replies::on(tape);
        let answer = |_, request: &_| replies.take(&request_of(request));
        let driven = drive(provider, &person, &answer, |responses| responses).await;
        played.listed(driven);
    }
    played
}

fn request_of(request: &portico_domain::provider::Request) -> TapedRequest {
    request.into()
}

impl Played {
    fn listed(&mut self, driven: Driven) {
        let asked = driven.steps.iter();
        self.steps = asked
            .map(|step| step.iter().map(|(request, _)| request_of(request)).collect())
            .collect();
        self.outcome = match driven.end {
            End::Done(listing) => Some(Answered::Ok(listing.into())),
            End::Failed(problem) => Some(Answered::Problem(problem.into())),
            End::Endless => None,
        };
    }

    /// How `self`, which was, differs from `other`, which is. The first is the first in the login.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut words = Vec::new();
        differ("sign-in", &self.sign_in, &other.sign_in, &mut words);
        differ("who signed in", &self.identified, &other.identified, &mut words);
        for number in 0..self.steps.len().max(other.steps.len()) {
            let (was, is) = (self.steps.get(number), other.steps.get(number));
            let (was, is) = (was.map_or(&[][..], Vec::as_slice), is.map_or(&[][..], Vec::as_slice));
            words.extend(
                missing(was, is)
                    .map(|it| format!("step {}: it asks no more for {}", number + 1, named(it))),
            );
            words.extend(
                missing(is, was)
                    .map(|it| format!("step {}: it now asks for {}", number + 1, named(it))),
            );
        }
        outcomes_differ(self.outcome.as_ref(), other.outcome.as_ref(), &mut words);
        words
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
            line += &format!(", under the grant {}", credential.grant);
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
        Some(Answered::Problem(problem)) => format!("ended with the problem {}", value(problem)),
    }
}

fn listings_differ(was: &TapedListing, is: &TapedListing, words: &mut Vec<String>) {
    let by_id = |listing: &TapedListing| -> BTreeMap<String, TapedSubscription> {
        listing.subscriptions.iter().map(|one| (one.id.clone(), one.clone())).collect()
    };
    let (old, new) = (by_id(was), by_id(is));
    for (id, one) in &old {
        match new.get(id) {
            None => words.push(format!("it lists {id} ({}) no more", one.display_name)),
            Some(other) => differ(&format!("the entry {id}"), &value(one), &value(other), words),
        }
    }
    let added = new.iter().filter(|(id, _)| !old.contains_key(*id));
    words.extend(added.map(|(id, one)| format!("it now lists {id} ({})", one.display_name)));
    let order = |listing: &TapedListing| -> Vec<_> {
        listing.subscriptions.iter().map(|one| one.id.clone()).collect()
    };
    if old == new && order(was) != order(is) {
        words.push("it lists the same in another order".into());
    }
    let gone = was.warnings.iter().filter(|warning| !is.warnings.contains(warning));
    words.extend(gone.map(|warning| format!("it warns no more: {warning}")));
    let said = is.warnings.iter().filter(|warning| !was.warnings.contains(warning));
    words.extend(said.map(|warning| format!("it now warns: {warning}")));
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
