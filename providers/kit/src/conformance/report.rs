//! The report: every check with its verdict.

use std::fmt;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider follows the rule.
    Passed,
    /// The provider breaks the rule.
    Failed,
    /// The rule could not be checked.
    Skipped,
}

/// A rule and whether the provider follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable name for scripts: `survives-refusals`.
    pub name: &'static str,
    /// The rule.
    pub sentence: &'static str,
    /// Whether the provider follows it.
    pub verdict: Verdict,
    /// What was seen, or why the rule could not be checked.
    pub seen: String,
    /// What to do if it failed.
    pub remedy: &'static str,
}

/// Every check, in the order of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether no check failed.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.verdict == Verdict::Failed)
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict).count()
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Passed => "ok     ",
            Verdict::Failed => "FAILED ",
            Verdict::Skipped => "skipped",
        };
        write!(f, "{word} {}: {}", self.name, self.sentence)?;
        if self.verdict != Verdict::Passed {
            write!(f, "\n          seen: {}", self.seen)?;
        }
        if self.verdict == Verdict::Failed {
            write!(f, "\n          do:   {}", self.remedy)?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
        }
        writeln!(
            f,
            "{} passed, {} failed, {} skipped",
            self.count(Verdict::Passed),
            self.count(Verdict::Failed),
            self.count(Verdict::Skipped)
        )
    }
}
