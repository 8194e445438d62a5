//! A tape: one listing of one provider, as a JSON document. What the provider was told and asked is
//! all there is of a listing, since a provider is pure; so a tape can be played again exactly.

mod body;
pub(crate) mod said;
mod wire;

use std::collections::BTreeMap;

use portico_domain::provider::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

pub use self::{
    body::Body,
    wire::{
        Answered, Exchange, TapedCredential, TapedListing, TapedPerson, TapedProblem,
        TapedProvider, TapedRepair, TapedRequest, TapedResponse, TapedStep, TapedSubscription,
        TapedTenant,
    },
};

/// The format that this kit writes and reads.
pub(crate) const FORMAT: &str = "portico-tape/2";

/// One listing of one provider. `docs/writing-a-provider.md` shows one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tape {
    /// `portico-tape/2`.
    pub format: String,
    /// Which provider was taped.
    pub provider: TapedProvider,
    /// The operator's settings.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Whose listing it is, as the host told the provider.
    #[serde(default)]
    pub person: Option<TapedPerson>,
    /// What the listing asked for and got, step by step.
    #[serde(default)]
    pub steps: Vec<TapedStep>,
    /// What the listing came to; `None` where it did not end.
    #[serde(default)]
    pub outcome: Option<Answered<TapedListing>>,
}

/// A document that is no tape of this kit's format.
#[derive(Debug, Error)]
pub enum NotATape {
    /// Not JSON, or not of this shape.
    #[error("this is not a tape: {0}")]
    Shape(#[from] serde_json::Error),
    /// Of another format.
    #[error("the tape is of the format {0:?}, and this Portico reads {FORMAT:?}; record it again")]
    Format(String),
}

impl Tape {
    /// Reads a tape.
    pub fn parse(json: &str) -> Result<Self, NotATape> {
        let value: Value = serde_json::from_str(json)?;
        // The format first: another one may be of another shape.
        match value.get("format").and_then(Value::as_str) {
            Some(other) if other != FORMAT => Err(NotATape::Format(other.to_owned())),
            _ => Ok(serde_json::from_value(value)?),
        }
    }

    /// The tape as JSON, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The settings as a provider takes them.
    pub fn settings(&self) -> Settings {
        Settings::from_iter(self.settings.clone())
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::provider::{CallError, ProviderError};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tape_of_interface_1_is_asked_to_be_recorded_again() {
        let refused = Tape::parse(r#"{"format":"portico-tape/1","sign_in":{}}"#).unwrap_err();
        assert!(refused.to_string().contains("record it again"), "{refused}");
    }

    #[test]
    fn a_tape_of_another_format_is_refused_by_its_name() {
        let refused = Tape::parse(r#"{"format":"portico-tape/9","reels":2}"#).unwrap_err();
        assert!(refused.to_string().contains("portico-tape/9"), "{refused}");
        for odd in ["", "[]", "{}", r#"{"format":"portico-tape/2"}"#] {
            assert!(matches!(Tape::parse(odd), Err(NotATape::Shape(_))), "{odd}");
        }
    }

    #[test]
    fn problem_stands_on_a_tape_by_its_name_in_the_interface() {
        let refused = ProviderError::Refused { code: "denied".into(), help: "Ask.".into() };
        let problem: Answered<TapedListing> =
            TapedProblem::of(refused.into()).map(Answered::Problem).unwrap();
        let json = serde_json::to_value(&problem).unwrap();
        let expected = json!({"problem": {"refused": {"code": "denied", "help": "Ask."}}});
        assert_eq!(json, expected);
    }

    #[test]
    fn host_without_room_leaves_no_outcome_on_a_tape() {
        assert_eq!(TapedProblem::of(CallError::Overloaded), None);
        let broken = TapedProblem::of(CallError::Broken("it trapped".into()));
        assert_eq!(broken, Some(TapedProblem::Broken("it trapped".into())));
    }

    #[test]
    fn a_tape_needs_its_provider_alone_and_refuses_a_word_it_does_not_know() {
        let least = r#"{"format":"portico-tape/2","provider":{"id":"a","version":"1.0.0"}}"#;
        let tape = Tape::parse(least).unwrap();
        assert_eq!(Tape::parse(&tape.to_json()).unwrap(), tape);
        let more = least.replace("\"format\"", "\"setings\":{},\"format\"");
        assert!(Tape::parse(&more).unwrap_err().to_string().contains("setings"));
    }
}
