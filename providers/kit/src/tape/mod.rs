//! A tape: one listing of one provider as a JSON document. A provider is a pure function of its
//! settings, the person and the responses, so a tape can be replayed exactly.

mod body;
mod convert;
mod wire;

use std::collections::BTreeMap;

use portico_domain::provider::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

pub(crate) use self::convert::method_name;
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

/// One listing of one provider. `docs/writing-a-provider.md` has an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tape {
    /// `portico-tape/2`.
    pub format: String,
    /// The recorded provider.
    pub provider: TapedProvider,
    /// The operator's settings.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The person whose resources are listed.
    #[serde(default)]
    pub person: Option<TapedPerson>,
    /// The requests and responses, step by step.
    #[serde(default)]
    pub steps: Vec<TapedStep>,
    /// The result; `None` if the listing did not end.
    #[serde(default)]
    pub outcome: Option<Answered<TapedListing>>,
}

/// Why a document is not a tape.
#[derive(Debug, Error)]
pub enum NotATape {
    /// Not JSON, or not the JSON of a tape.
    #[error("this is not a tape: {0}")]
    Shape(#[from] serde_json::Error),
    /// A tape of another format.
    #[error("the tape has the format {0:?}, and this Portico reads {FORMAT:?}; record it again")]
    Format(String),
}

impl Tape {
    /// Parses a tape.
    pub fn parse(json: &str) -> Result<Self, NotATape> {
        let value: Value = serde_json::from_str(json)?;
        // The format is checked first, because the JSON of another format may be different.
        match value.get("format").and_then(Value::as_str) {
            Some(other) if other != FORMAT => Err(NotATape::Format(other.to_owned())),
            _ => Ok(serde_json::from_value(value)?),
        }
    }

    /// The tape as JSON, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The settings to configure the provider with.
    pub fn settings(&self) -> Settings {
        Settings::from_iter(self.settings.clone())
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::provider::{CallError, ProviderError};
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn parse_asks_to_record_a_format_1_tape_again() {
        let refused = Tape::parse(r#"{"format":"portico-tape/1","sign_in":{}}"#).unwrap_err();
        assert!(refused.to_string().contains("record it again"), "{refused}");
    }

    #[test]
    fn parse_refuses_another_format_by_name() {
        let refused = Tape::parse(r#"{"format":"portico-tape/9","reels":2}"#).unwrap_err();
        assert!(refused.to_string().contains("portico-tape/9"), "{refused}");
    }

    #[rstest]
    #[case::empty("")]
    #[case::array("[]")]
    #[case::no_format("{}")]
    #[case::no_provider(r#"{"format":"portico-tape/2"}"#)]
    fn parse_refuses_document_that_is_not_a_tape(#[case] json: &str) {
        assert!(matches!(Tape::parse(json), Err(NotATape::Shape(_))));
    }

    #[test]
    fn problem_serializes_by_its_name_in_the_interface() {
        let refused = ProviderError::Refused { code: "denied".into(), help: "Ask.".into() };
        let problem: Answered<TapedListing> =
            TapedProblem::of(refused.into()).map(Answered::Problem).unwrap();
        let json = serde_json::to_value(&problem).unwrap();
        let expected = json!({"problem": {"refused": {"code": "denied", "help": "Ask."}}});
        assert_eq!(json, expected);
    }

    #[test]
    fn overloaded_host_is_no_problem_of_the_provider() {
        assert_eq!(TapedProblem::of(CallError::Overloaded), None);
        let broken = TapedProblem::of(CallError::Broken("it trapped".into()));
        assert_eq!(broken, Some(TapedProblem::Broken("it trapped".into())));
    }

    #[test]
    fn parse_needs_format_and_provider_and_refuses_unknown_members() {
        let minimal = r#"{"format":"portico-tape/2","provider":{"id":"a","version":"1.0.0"}}"#;
        let tape = Tape::parse(minimal).unwrap();
        assert_eq!(Tape::parse(&tape.to_json()).unwrap(), tape);
        let misspelt = minimal.replace("\"format\"", "\"setings\":{},\"format\"");
        assert!(Tape::parse(&misspelt).unwrap_err().to_string().contains("setings"));
    }
}
