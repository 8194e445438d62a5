//! The differences between two transcripts, in words.

use std::collections::{BTreeMap, BTreeSet};

use portico_domain::text::clean;
use serde::Serialize;
use serde_json::{Map, Value};

use super::transcript::{Transcript, TranscriptStep};
use crate::tape::{
    Answered, TapedListing, TapedProblem, TapedRequest, TapedSubscription, TapedTenant,
};

impl Transcript {
    /// How `new` differs from `self`, in the order of the listing.
    pub(crate) fn differences(&self, new: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let none = TranscriptStep::default();
        for index in 0..self.steps.len().max(new.steps.len()) {
            let old_step = self.steps.get(index).unwrap_or(&none);
            let new_step = new.steps.get(index).unwrap_or(&none);
            let mut add = |what: String| found.push(format!("step {}: {what}", index + 1));
            let (old_wait, new_wait) = (old_step.wait_seconds, new_step.wait_seconds);
            if old_wait != new_wait {
                add(format!("it waits {new_wait} seconds instead of {old_wait}"));
            }
            missing(&old_step.requests, &new_step.requests)
                .for_each(|request| add(format!("it no longer requests {}", in_one_line(request))));
            missing(&new_step.requests, &old_step.requests)
                .for_each(|request| add(format!("it now requests {}", in_one_line(request))));
        }
        compare_outcomes(self.outcome.as_ref(), new.outcome.as_ref(), &mut found);
        // They contain texts of clouds and plug-ins and are printed to a terminal.
        found.into_iter().map(|difference| clean(&difference, usize::MAX)).collect()
    }
}

/// The requests in `these` that are not in `those`, counting duplicates.
fn missing<'a>(
    these: &'a [TapedRequest],
    those: &'a [TapedRequest],
) -> impl Iterator<Item = &'a TapedRequest> {
    let mut unmatched: Vec<_> = those.iter().collect();
    these.iter().filter(move |this| match unmatched.iter().position(|that| that == this) {
        Some(index) => {
            unmatched.swap_remove(index);
            false
        }
        None => true,
    })
}

/// A whole request in one line: any part of it may be the difference.
fn in_one_line(request: &TapedRequest) -> String {
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

fn compare_outcomes(
    old: Option<&Answered<TapedListing>>,
    new: Option<&Answered<TapedListing>>,
    found: &mut Vec<String>,
) {
    match (old, new) {
        (Some(Answered::Ok(old)), Some(Answered::Ok(new))) => compare_listings(old, new, found),
        (old, new) if old == new => {}
        (old, new) => {
            found.push(format!("the listing {} and now {}", ending(old), ending(new)));
        }
    }
}

fn ending(outcome: Option<&Answered<TapedListing>>) -> String {
    match outcome {
        None => "did not end".into(),
        Some(Answered::Ok(listing)) => format!("had {} entries", listing.subscriptions.len()),
        Some(Answered::Problem(TapedProblem::Broken(why))) => format!("failed ({why})"),
        Some(Answered::Problem(problem)) => {
            format!("ended with the problem {}", to_json(problem))
        }
    }
}

fn compare_listings(old: &TapedListing, new: &TapedListing, found: &mut Vec<String>) {
    let (old_entries, new_entries) = (entries(old), entries(new));
    compare_entries("", &old_entries, &new_entries, found);
    compare_entries("the tenant ", &tenants(old), &tenants(new), found);
    let ids = |listing: &TapedListing| -> Vec<_> {
        listing.subscriptions.iter().map(|entry| entry.id.clone()).collect()
    };
    if sorted(old_entries) == sorted(new_entries) && ids(old) != ids(new) {
        found.push("it lists the same in another order".into());
    }
    let gone = old.warnings.iter().filter(|warning| !new.warnings.contains(warning));
    found.extend(gone.map(|warning| format!("it no longer warns: {warning}")));
    let added = new.warnings.iter().filter(|warning| !old.warnings.contains(warning));
    found.extend(added.map(|warning| format!("it now warns: {warning}")));
}

/// A listed entry or tenant: its id, its name, and all of it as JSON.
type Entry = (String, String, Value);

fn entries(listing: &TapedListing) -> Vec<Entry> {
    let entry =
        |entry: &TapedSubscription| (entry.id.clone(), entry.display_name.clone(), to_json(entry));
    listing.subscriptions.iter().map(entry).collect()
}

fn tenants(listing: &TapedListing) -> Vec<Entry> {
    let entry =
        |tenant: &TapedTenant| (tenant.id.clone(), tenant.display_name.clone(), to_json(tenant));
    listing.tenants.iter().map(entry).collect()
}

fn compare_entries(kind: &str, old: &[Entry], new: &[Entry], found: &mut Vec<String>) {
    let by_id = |entries: &[Entry]| -> BTreeMap<String, (String, Value)> {
        entries.iter().cloned().map(|(id, name, json)| (id, (name, json))).collect()
    };
    let (old, new) = (by_id(old), by_id(new));
    for (id, (name, old_json)) in &old {
        match new.get(id) {
            None => found.push(format!("it no longer lists {kind}{id} ({name})")),
            Some((_, new_json)) => {
                let place = if kind.is_empty() { "the entry " } else { kind };
                compare_json(&format!("{place}{id}"), old_json, new_json, found);
            }
        }
    }
    let added = new.iter().filter(|(id, _)| !old.contains_key(*id));
    found.extend(added.map(|(id, (name, _))| format!("it now lists {kind}{id} ({name})")));
}

/// Adds one difference for each member, at any depth, whose value changed.
fn compare_json(place: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for name in names {
                let value =
                    |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
                compare_json(&format!("{place}, {name}"), &value(old), &value(new), found);
            }
        }
        _ if old == new => {}
        (Value::Null, new) => found.push(format!("{place} is now {new} and was absent")),
        (old, Value::Null) => found.push(format!("{place} is absent now; it was {old}")),
        (old, new) => found.push(format!("{place} was {old} and is now {new}")),
    }
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}
