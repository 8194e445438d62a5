//! What another version of a provider would declare otherwise.

use portico_domain::provider::Descriptor;

use crate::consent_request::{Line, consent_request};

/// One thing that differs in what two versions declare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What, in plain words.
    pub words: String,
    /// Whether it is part of what an operator agreed to, so that they have to agree anew.
    pub needs_consent: bool,
}

/// What differs in what two versions declare. None of them needs consent only where everything is
/// equal that consent covers: all but version, icon and the noun of what is listed.
pub fn changes(before: &Descriptor, after: &Descriptor) -> Vec<Change> {
    let (was, is) = (consent_request(before, None), consent_request(after, None));
    let (was, is): (Vec<_>, Vec<_>) = (was.lines().collect(), is.lines().collect());
    let mut changes = Vec::new();
    for line in &is {
        match was.iter().find(|old| old.topic == line.topic) {
            Some(old) if old == line => {}
            Some(old) => changes.push(changed(old, line)),
            None => changes.push(change(line, format!("New: {}", line.words))),
        }
    }
    let gone = was.iter().filter(|old| !is.iter().any(|line| line.topic == old.topic));
    changes.extend(gone.map(|old| change(old, format!("No more: {}", old.words))));
    if before.icon != after.icon {
        changes.push(Change { words: "Its icon is another.".into(), needs_consent: false });
    }
    if common(&was, &is) != common(&is, &was) {
        let words = "What it declares is in another order.".into();
        changes.push(Change { words, needs_consent: true });
    }
    // What no line shows, such as characters that cannot be seen.
    if covered(before) != covered(after) && !changes.iter().any(|change| change.needs_consent) {
        let words = "What it declares is spelled otherwise.".into();
        changes.push(Change { words, needs_consent: true });
    }
    changes
}

fn changed(old: &Line, line: &Line) -> Change {
    let words = match (&old.goes_to, &line.goes_to) {
        (Some(was), Some(is)) if was != is => {
            let moved =
                format!("Your client secret would be sent to {is}, and not to {was} any more.");
            let same_way = old.words.replace(was, is) == line.words;
            if same_way { moved } else { format!("{moved} {}", line.words) }
        }
        _ => format!("Before: {} Now: {}", old.words, line.words),
    };
    change(line, words)
}

fn change(line: &Line, words: String) -> Change {
    Change { words, needs_consent: line.needs_consent }
}

/// The topics of `these` that `those` have too, in their order.
fn common<'a>(these: &[&'a Line], those: &[&Line]) -> Vec<&'a str> {
    let known = |line: &&&Line| those.iter().any(|other| other.topic == line.topic);
    these.iter().filter(known).map(|line| line.topic.as_str()).collect()
}

/// The part of a descriptor that an operator agrees to.
fn covered(it: &Descriptor) -> Descriptor {
    Descriptor { version: String::new(), icon: None, account_noun: String::new(), ..it.clone() }
}

#[cfg(test)]
mod tests;
