//! What another version of a provider would have answered.

use std::fmt;

use portico_domain::text::clean;

use crate::{
    change::{Change, changes},
    factory::Factory,
    play::{Played, play},
    tape::{Tape, TapedPerson},
};

/// How two versions of a provider differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// What the new one says of itself and asks for.
    pub consent: Vec<Change>,
    /// What it would have said and asked in each taped listing.
    pub tapes: Vec<TapeDiff>,
}

/// How two versions differ in one listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeDiff {
    /// As the caller calls the tape.
    pub name: String,
    /// In the order of a listing; empty where there is no difference.
    pub differences: Vec<String>,
    /// Why it could not be played to both: nothing is known of such a listing.
    pub unplayed: Option<String>,
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.consent.is_empty() && self.all_played() && {
            self.tapes.iter().all(|tape| tape.differences.is_empty())
        }
    }

    /// Whether every tape was played to both versions.
    pub fn all_played(&self) -> bool {
        self.tapes.iter().all(|tape| tape.unplayed.is_none())
    }
}

/// Plays each tape to both versions and compares what they say; each tape comes with its name.
pub async fn diff(old: &dyn Factory, new: &dyn Factory, tapes: &[(String, Tape)]) -> Diff {
    let mut found = Vec::with_capacity(tapes.len());
    for (name, tape) in tapes {
        let (differences, unplayed) = match (played(old, tape).await, played(new, tape).await) {
            (Ok(was), Ok(is)) => (was.differences(&is), None),
            (Ok(_), Err(is)) => {
                let lost = format!("it does not take the tape's settings any more: {is}");
                (vec![lost], Some(format!("the new version: {is}")))
            }
            (Err(was), Ok(_)) => {
                let taken = "it takes the tape's settings now".into();
                (vec![taken], Some(format!("the old version: {was}")))
            }
            (Err(was), Err(is)) if was == is => (vec![], Some(is)),
            (Err(_), Err(is)) => {
                let other = format!("it refuses the tape's settings otherwise: {is}");
                (vec![other], Some(format!("the new version: {is}")))
            }
        };
        found.push(TapeDiff { name: name.clone(), differences, unplayed });
    }
    Diff { consent: changes(old.descriptor(), new.descriptor()), tapes: found }
}

async fn played(factory: &dyn Factory, tape: &Tape) -> Result<Played, String> {
    let (taped, is) = (&tape.provider.id, &factory.descriptor().id);
    if taped != is.as_str() {
        return Err(format!(
            "the tape is of the provider {}, and this one is {is}",
            clean(taped, 64)
        ));
    }
    if tape.person.as_ref().and_then(TapedPerson::person).is_none() {
        return Err("nobody is on the tape whose subject and tenant could be somebody's".into());
    }
    let provider = factory.configure(&tape.settings()).await;
    let provider = provider.map_err(|problem| clean(&problem.to_string(), 600))?;
    Ok(play(tape, &*provider).await)
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.consent.is_empty() {
            writeln!(f, "It declares and asks for nothing else than before.")?;
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
