//! A rule: what is looked at, and what is said of it.

use futures_util::future::BoxFuture;
use portico_domain::{provider::Descriptor, text::clean};

use super::{Check, Verdict, bench::Bench};

/// What is said of a check, in characters: a provider's own text may stand in it.
const MAX_EXCERPT_LEN: usize = 2_000;

/// What was seen.
pub(super) enum Seen {
    Good(String),
    Bad(String),
    /// There was nothing to see, and why.
    Nothing(String),
}

impl Seen {
    /// Good where nothing is to be complained of; else the first complaint.
    pub(super) fn of(complaint: Option<String>, good: impl Into<String>) -> Self {
        complaint.map_or_else(|| Self::Good(good.into()), Self::Bad)
    }
}

/// A rule of what a provider says of itself: gives the first complaint.
pub(super) struct DescriptorRule {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    pub(super) remedy: &'static str,
    pub(super) complaint: fn(&Descriptor) -> Option<String>,
}

impl DescriptorRule {
    pub(super) fn check(&self, descriptor: &Descriptor) -> Check {
        let complaint = (self.complaint)(descriptor);
        let verdict = if complaint.is_some() { Verdict::Failed } else { Verdict::Passed };
        let seen = complaint.unwrap_or_else(|| "nothing to complain of".into());
        let seen = clean(&seen, MAX_EXCERPT_LEN);
        Check { name: self.name, sentence: self.sentence, verdict, seen, remedy: self.remedy }
    }
}

/// A rule of what a provider does.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    pub(super) remedy: &'static str,
    /// Whether there is nothing to look at where the provider could not be configured.
    pub(super) needs_provider: bool,
    pub(super) look: for<'a> fn(&'a Bench<'a>) -> BoxFuture<'a, Seen>,
}

impl Rule {
    /// What was seen with all fixtures: the first that is bad, else all that is good.
    pub(super) fn check(&self, seen: Vec<(&str, Seen)>) -> Check {
        let (mut good, mut nothing) = (Vec::new(), Vec::new());
        let mut bad = None;
        for (fixtures, seen) in seen {
            match seen {
                Seen::Bad(what) if bad.is_none() => bad = Some(format!("with {fixtures}: {what}")),
                Seen::Bad(_) => {}
                Seen::Good(what) => good.push(what),
                Seen::Nothing(why) => nothing.push(why),
            }
        }
        let (verdict, seen) = match (bad, good.is_empty()) {
            (Some(bad), _) => (Verdict::Failed, bad),
            (None, false) => (Verdict::Passed, good.join("; ")),
            (None, true) => (Verdict::Skipped, nothing.join("; ")),
        };
        let seen = clean(&seen, MAX_EXCERPT_LEN);
        Check { name: self.name, sentence: self.sentence, verdict, seen, remedy: self.remedy }
    }
}
