//! The injected faults and their remaining occurrences.

use super::{Fault, FaultKind, Occasion, SentIssuer, Target};

/// The injected faults, oldest first.
#[derive(Debug, Default)]
pub(crate) struct ActiveFaults(Vec<Fault>);

impl ActiveFaults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.0.push(fault);
        }
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.0
    }

    /// Takes one occurrence of every fault of this endpoint for which `selects` returns true.
    pub(crate) fn take(
        &mut self,
        occasion: Occasion<'_>,
        selects: impl Fn(&FaultKind) -> bool,
    ) -> Vec<FaultKind> {
        let mut taken = Vec::new();
        for fault in
            self.0.iter_mut().filter(|fault| fault.matches(occasion) && selects(&fault.kind))
        {
            taken.push(fault.take_one());
        }
        self.remove_exhausted();
        taken
    }

    /// Like [`Self::take`], for the oldest matching fault only; those of one tenant come before those of all.
    pub(crate) fn take_first(
        &mut self,
        occasion: Occasion<'_>,
        selects: impl Fn(&FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let is_it = |fault: &&mut Fault| fault.matches(occasion) && selects(&fault.kind);
        let mut matching: Vec<_> = self.0.iter_mut().filter(is_it).collect();
        matching.sort_by_key(|fault| fault.tenant.is_none());
        let first = matching.into_iter().next()?;
        let kind = first.take_one();
        self.remove_exhausted();
        Some(kind)
    }

    fn remove_exhausted(&mut self) {
        self.0.retain(|fault| fault.times != Some(0));
    }

    /// The RFC 9207 `iss` policy set by a fault on this metadata; the latest fault wins.
    pub(crate) fn sent_issuer(&self, target: Target) -> Option<SentIssuer> {
        self.0.iter().rev().find_map(|fault| match fault.kind {
            FaultKind::IssParameter { send } if fault.target == target => Some(send),
            _ => None,
        })
    }

    /// Clock shift in seconds.
    pub(crate) fn clock_shift(&self) -> i64 {
        let shift = self.0.iter().rev().find_map(|fault| match fault.kind {
            FaultKind::Clock { seconds } => Some(seconds),
            _ => None,
        });
        shift.unwrap_or(0)
    }
}
