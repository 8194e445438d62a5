//! Replays a tape with a provider and reports where the provider differs from the tape.

mod differences;
mod transcript;

use portico_domain::{ports::CloudProvider, text::clean};

pub(crate) use self::transcript::{Transcript, run_tape};
use crate::tape::Tape;

/// The result of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Where the provider differs from the tape, in the order of the listing.
    pub differences: Vec<String>,
}

impl Replayed {
    /// Whether the provider did everything as on the tape.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// The first difference. Later ones are often its consequence.
    pub fn first_difference(&self) -> Option<&str> {
        self.differences.first().map(String::as_str)
    }
}

/// Replays `tape` with `provider`, which must have been configured with [`Tape::settings`].
///
/// Replies are matched to requests by content, whatever the order and the ids of the requests. Nothing
/// is fetched: a request that is not on the tape fails as unreachable.
pub async fn replay(tape: &Tape, provider: &dyn CloudProvider) -> Replayed {
    let mut differences = Vec::new();
    let (taped, actual) = (&tape.provider.id, &provider.descriptor().id);
    if taped != actual.as_str() {
        let taped = clean(taped, 64);
        differences.push(format!("the tape is of the provider {taped}, and this one is {actual}"));
    }
    differences.extend(Transcript::from(tape).differences(&run_tape(tape, provider).await));
    Replayed { differences }
}

#[cfg(test)]
mod tests;
