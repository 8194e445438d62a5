//! Faults on request: what is to go wrong, where, and how often.
//!
//! Two sorts. A *transport* fault spoils a whole answer and is applied in one place ([`crate::corrupt`]); the others are
//! *lies*, told by the handler that writes the answer.

mod book;
mod encoding;
mod endless;
mod kind;
pub(crate) mod lies;
mod target;

use serde::{Deserialize, Serialize};

pub(crate) use book::Faults;
pub use encoding::Encoding;
pub use endless::EndlessPart;
pub use kind::{FaultKind, SentIssuer};
pub(crate) use lies::Lies;
pub use target::Target;

/// One thing to go wrong: its JSON is what `POST /_emulator/faults` takes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where.
    pub target: Target,
    /// What.
    pub kind: FaultKind,
    /// How many times; `None` until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// On the token endpoint, only for this `grant_type`.
    #[serde(default)]
    pub grant: Option<String>,
}

impl Fault {
    /// Until cleared.
    pub fn always(target: Target, kind: FaultKind) -> Self {
        Self { target, kind, times: None, grant: None }
    }

    /// The next time only.
    pub fn once(target: Target, kind: FaultKind) -> Self {
        Self::times(target, kind, 1)
    }

    /// The next so many times.
    pub fn times(target: Target, kind: FaultKind, times: u32) -> Self {
        Self { target, kind, times: Some(times), grant: None }
    }

    /// Only for one `grant_type` of the token endpoint.
    #[must_use]
    pub fn for_grant(mut self, grant_type: &str) -> Self {
        self.grant = Some(grant_type.to_owned());
        self
    }

    fn is_for(&self, target: Target, grant: Option<&str>) -> bool {
        self.target == target && (self.grant.is_none() || self.grant.as_deref() == grant)
    }

    /// Counts one occurrence.
    fn happen(&mut self) -> FaultKind {
        self.times = self.times.map(|times| times.saturating_sub(1));
        self.kind.clone()
    }

    /// Why this fault could never happen, if so: a fault that silently does nothing would let a test pass for nothing.
    pub(crate) fn does_not_apply(&self) -> Option<&'static str> {
        if !self.kind.fits(self.target) {
            return Some("this kind does not go with this target");
        }
        if self.kind.lasts() && self.times.is_some() {
            return Some("this kind lasts until cleared and takes no times");
        }
        if !self.target.exists() {
            return Some("this cloud has no such endpoint");
        }
        if self.grant.is_some() && !self.target.is_token() {
            return Some("only the token endpoint knows grants");
        }
        if let FaultKind::Status { code, .. } | FaultKind::Redirect { code, .. } = self.kind
            && !(200..=999).contains(&code)
        {
            return Some("a status is between 200 and 999");
        }
        None
    }
}
