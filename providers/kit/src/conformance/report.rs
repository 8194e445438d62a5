//! What the checks came to.

use std::fmt;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider does what it must.
    Passed,
    /// It does not.
    Failed,
    /// There was nothing to hold it against.
    Skipped,
}

/// One check and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable, for scripts: `survives-refusals`.
    pub name: &'static str,
    /// What every provider must do.
    pub sentence: &'static str,
    /// Whether this one does.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do where it failed.
    pub remedy: &'static str,
}

/// Every check, in the order of a login.
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
