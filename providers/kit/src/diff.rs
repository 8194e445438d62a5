//! The differences between two versions of a provider: in their declarations, and with tapes.

use std::fmt;

use portico_domain::text::clean;

use crate::{
    change::{Change, changes},
    factory::Factory,
    replay::{Transcript, run_tape},
    tape::{Tape, TapedPerson},
};

/// How two versions of a provider differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The differences between their declarations.
    pub consent: Vec<Change>,
    /// The differences with each tape.
    pub tapes: Vec<TapeDiff>,
}

/// How two versions differ with one tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeDiff {
    /// The caller's name for the tape.
    pub name: String,
    /// The differences, in the order of the listing.
    pub differences: Vec<String>,
    /// Why the tape could not be replayed with both versions.
    pub unplayed: Option<String>,
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.consent.is_empty() && self.all_played() && {
            self.tapes.iter().all(|tape| tape.differences.is_empty())
        }
    }

    /// Whether every tape was replayed with both versions.
    pub fn all_played(&self) -> bool {
        self.tapes.iter().all(|tape| tape.unplayed.is_none())
    }
}

/// Compares the declarations of two versions, and their transcripts with each of the named tapes.
pub async fn diff(old: &dyn Factory, new: &dyn Factory, tapes: &[(String, Tape)]) -> Diff {
    let mut found = Vec::with_capacity(tapes.len());
    for (name, tape) in tapes {
        let transcripts = (transcript(old, tape).await, transcript(new, tape).await);
        let (differences, unplayed) = match transcripts {
            (Ok(old), Ok(new)) => (old.differences(&new), None),
            (Ok(_), Err(new)) => {
                let difference = format!("it no longer accepts the tape's settings: {new}");
                (vec![difference], Some(format!("the new version: {new}")))
            }
            (Err(old), Ok(_)) => {
                let difference = "it accepts the tape's settings now".into();
                (vec![difference], Some(format!("the old version: {old}")))
            }
            (Err(old), Err(new)) if old == new => (vec![], Some(new)),
            (Err(_), Err(new)) => {
                let difference =
                    format!("it refuses the tape's settings for another reason: {new}");
                (vec![difference], Some(format!("the new version: {new}")))
            }
        };
        found.push(TapeDiff { name: name.clone(), differences, unplayed });
    }
    Diff { consent: changes(old.descriptor(), new.descriptor()), tapes: found }
}

/// The transcript of one version with a tape, or why the tape cannot be replayed with it.
async fn transcript(factory: &dyn Factory, tape: &Tape) -> Result<Transcript, String> {
    let (taped, actual) = (&tape.provider.id, &factory.descriptor().id);
    if taped != actual.as_str() {
        return Err(format!(
            "the tape is of the provider {}, and this one is {actual}",
            clean(taped, 64)
        ));
    }
    if tape.person.as_ref().and_then(TapedPerson::person).is_none() {
        return Err("the tape has no person with a valid subject and tenant".into());
    }
    let provider = factory.configure(&tape.settings()).await;
    let provider = provider.map_err(|error| clean(&error.to_string(), 600))?;
    Ok(run_tape(tape, &*provider).await)
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.consent.is_empty() {
            writeln!(f, "Its declaration is the same.")?;
        }
        for change in &self.consent {
            writeln!(f, "{} {}", if change.needs_consent { "!" } else { "-" }, change.words)?;
        }
        for tape in &self.tapes {
            if let Some(why) = &tape.unplayed {
                writeln!(f, "{}: it cannot be played ({why})", tape.name)?;
                continue;
            }
            match tape.differences.len() {
                0 => writeln!(f, "{}: the same", tape.name)?,
                count => writeln!(f, "{}: {count} differences", tape.name)?,
            }
            for difference in &tape.differences {
                writeln!(f, "  - {difference}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
