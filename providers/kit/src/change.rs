//! The changes between the declarations of two versions of a provider.

use portico_domain::provider::Descriptor;

use crate::consent_request::{Line, consent_request};

/// One difference between the declarations of two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The difference in plain words.
    pub words: String,
    /// Whether the operator's consent covers it, so that they must agree again.
    pub needs_consent: bool,
}

/// The differences between the declarations of two versions. One of them needs consent unless the two
/// differ in version, icon and account noun alone.
pub fn changes(before: &Descriptor, after: &Descriptor) -> Vec<Change> {
    let (old, new) = (consent_request(before, None), consent_request(after, None));
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut changes = Vec::new();
    for line in &new {
        match old.iter().find(|old| old.topic == line.topic) {
            Some(old) if old == line => {}
            Some(old) => changes.push(changed(old, line)),
            None => changes.push(change(line, format!("New: {}", line.words))),
        }
    }
    let removed = old.iter().filter(|old| !new.iter().any(|line| line.topic == old.topic));
    changes.extend(removed.map(|old| change(old, format!("Removed: {}", old.words))));
    if before.icon != after.icon {
        changes.push(Change { words: "Its icon is different.".into(), needs_consent: false });
    }
    if common(&old, &new) != common(&new, &old) {
        let words = "What it declares is in another order.".into();
        changes.push(Change { words, needs_consent: true });
    }
    // Some differences are in no line: characters that are not shown.
    if covered(before) != covered(after) && !changes.iter().any(|change| change.needs_consent) {
        let words = "What it declares differs in characters that are not shown.".into();
        changes.push(Change { words, needs_consent: true });
    }
    changes
}

fn changed(old: &Line, new: &Line) -> Change {
    let words = match (&old.goes_to, &new.goes_to) {
        (Some(old_target), Some(new_target)) if old_target != new_target => {
            let moved = format!(
                "Your client secret would be sent to {new_target}, and not to {old_target} any more."
            );
            let same_way = old.words.replace(old_target, new_target) == new.words;
            if same_way { moved } else { format!("{moved} {}", new.words) }
        }
        _ => format!("Before: {} Now: {}", old.words, new.words),
    };
    change(new, words)
}

fn change(line: &Line, words: String) -> Change {
    Change { words, needs_consent: line.needs_consent }
}

/// The topics of `these` that are in `those` too, in the order of `these`.
fn common<'a>(these: &[&'a Line], those: &[&Line]) -> Vec<&'a str> {
    let known = |line: &&&Line| those.iter().any(|other| other.topic == line.topic);
    these.iter().filter(known).map(|line| line.topic.as_str()).collect()
}

/// The part of a descriptor that consent covers.
fn covered(it: &Descriptor) -> Descriptor {
    Descriptor { version: String::new(), icon: None, account_noun: String::new(), ..it.clone() }
}

#[cfg(test)]
mod tests;
