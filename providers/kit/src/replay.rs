//! Plays a tape to a provider again and says where it does not answer as it did.

use portico_domain::{ports::CloudProvider, text::clean};

use crate::{
    play::{Played, play},
    tape::Tape,
};

/// What came of playing a tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Where the provider answered otherwise than on the tape, in the order of a listing.
    pub differences: Vec<String>,
}

impl Replayed {
    /// Whether the provider did all as on the tape.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// The first difference; what follows is often its consequence.
    pub fn first_difference(&self) -> Option<&str> {
        self.differences.first().map(String::as_str)
    }
}

/// Plays `tape` to `provider`, which was configured with [`Tape::settings`]. Replies are found by
/// their request, whatever the order and the numbers of requests. Nothing is fetched: what is not
/// on the tape is answered as unreachable.
pub async fn replay(tape: &Tape, provider: &dyn CloudProvider) -> Replayed {
    let mut differences = Vec::new();
    let (taped, is) = (&tape.provider.id, &provider.descriptor().id);
    if taped != is.as_str() {
        let taped = clean(taped, 64);
        differences.push(format!("the tape is of the provider {taped}, and this one is {is}"));
    }
    differences.extend(Played::from(tape).differences(&play(tape, provider).await));
    Replayed { differences }
}

#[cfg(test)]
mod tests;
