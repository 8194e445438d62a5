//! A rule of conformance, and how its findings become a check of the report.

use futures_util::future::BoxFuture;
use portico_domain::{provider::Descriptor, text::clean};

use super::{
    context::CheckContext,
    report::{Check, Verdict},
};

/// The most characters of a finding: it may contain text of the provider.
const MAX_FINDING_LEN: usize = 2_000;

/// The result of one rule with one set of fixtures.
pub(super) enum Finding {
    /// Conforms; says what was looked at.
    Passed(String),
    /// Does not conform; says how.
    Failed(String),
    /// There was nothing to look at; says why.
    Skipped(String),
}

impl Finding {
    /// Failed with `violation`, or passed if there is none.
    pub(super) fn of(violation: Option<String>, passed: impl Into<String>) -> Self {
        violation.map_or_else(|| Self::Passed(passed.into()), Self::Failed)
    }

    /// Skipped because the fixtures have no replies.
    pub(super) fn no_replies(context: &CheckContext<'_>) -> Self {
        Self::Skipped(format!("{} holds no replies", context.fixtures.name))
    }
}

/// A rule for the descriptor.
pub(super) struct DescriptorRule {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    pub(super) remedy: &'static str,
    /// The first violation.
    pub(super) violation: fn(&Descriptor) -> Option<String>,
}

impl DescriptorRule {
    pub(super) fn check(&self, descriptor: &Descriptor) -> Check {
        let violation = (self.violation)(descriptor);
        let verdict = if violation.is_some() { Verdict::Failed } else { Verdict::Passed };
        let seen = violation.unwrap_or_else(|| "no violation".into());
        let seen = clean(&seen, MAX_FINDING_LEN);
        Check { name: self.name, sentence: self.sentence, verdict, seen, remedy: self.remedy }
    }
}

/// A rule for the behaviour of a configured provider.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    pub(super) remedy: &'static str,
    /// Whether the rule is skipped if the provider could not be configured.
    pub(super) needs_provider: bool,
    pub(super) run: for<'a> fn(&'a CheckContext<'a>) -> BoxFuture<'a, Finding>,
}

impl Rule {
    /// The check for the findings with all fixtures, each with the name of its fixtures. The first
    /// failure decides.
    pub(super) fn check(&self, findings: Vec<(&str, Finding)>) -> Check {
        let (mut passed, mut skipped) = (Vec::new(), Vec::new());
        let mut failed = None;
        for (fixtures, finding) in findings {
            match finding {
                Finding::Failed(what) if failed.is_none() => {
                    failed = Some(format!("with {fixtures}: {what}"));
                }
                Finding::Failed(_) => {}
                Finding::Passed(what) => passed.push(what),
                Finding::Skipped(why) => skipped.push(why),
            }
        }
        let (verdict, seen) = match (failed, passed.is_empty()) {
            (Some(failed), _) => (Verdict::Failed, failed),
            (None, false) => (Verdict::Passed, passed.join("; ")),
            (None, true) => (Verdict::Skipped, skipped.join("; ")),
        };
        let seen = clean(&seen, MAX_FINDING_LEN);
        Check { name: self.name, sentence: self.sentence, verdict, seen, remedy: self.remedy }
    }
}
