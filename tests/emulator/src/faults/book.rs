//! The faults that are set, and how often each will still happen.

use super::{Fault, FaultKind, SentIssuer, Target};

/// The faults that are set, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.0.push(fault);
        }
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.0
    }

    /// The faults of this endpoint that `wanted` picks; each has then happened once more.
    pub(crate) fn take(
        &mut self,
        target: Target,
        grant: Option<&str>,
        wanted: impl Fn(&FaultKind) -> bool,
    ) -> Vec<FaultKind> {
        let mut taken = Vec::new();
        for fault in
            self.0.iter_mut().filter(|fault| fault.is_for(target, grant) && wanted(&fault.kind))
        {
            taken.push(fault.happen());
        }
        self.drop_spent();
        taken
    }

    /// The oldest of them only.
    pub(crate) fn take_first(
        &mut self,
        target: Target,
        grant: Option<&str>,
        wanted: impl Fn(&FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let first =
            self.0.iter_mut().find(|fault| fault.is_for(target, grant) && wanted(&fault.kind))?;
        let kind = first.happen();
        self.drop_spent();
        Some(kind)
    }

    fn drop_spent(&mut self) {
        self.0.retain(|fault| fault.times != Some(0));
    }

    /// What the authorization endpoint beside this metadata sends as `iss`; `None` when no fault says so.
    pub(crate) fn sent_issuer(&self, target: Target) -> Option<SentIssuer> {
        self.0.iter().rev().find_map(|fault| match fault.kind {
            FaultKind::IssParameter { send } if fault.target == target => Some(send),
            _ => None,
        })
    }

    /// How far the clock is off, in seconds.
    pub(crate) fn clock_shift(&self) -> i64 {
        let shift = self.0.iter().rev().find_map(|fault| match fault.kind {
            FaultKind::Clock { seconds } => Some(seconds),
            _ => None,
        });
        shift.unwrap_or(0)
    }
}
