//! The consent request: everything that a provider declares, in plain words for the operator who is to
//! agree to it.
//!
//! A line has a topic, by which two versions of a provider are compared (`change.rs`). Text of the
//! provider is in quotation marks, without characters that hide or reorder text.

mod filled;
mod identity;
mod permissions;
mod scopes;
mod settings;
mod sign_in;

use std::fmt;

use portico_domain::{
    provider::{Capability, Descriptor, Settings},
    text::clean,
};
use serde::{Serialize, Serializer};

use self::filled::FilledTemplates;

/// All that a provider declares, in sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsentRequest {
    /// Descriptor, sign-in, identity, permissions, settings and capabilities.
    pub sections: Vec<Section>,
}

/// The lines about one part of the declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// A heading.
    pub title: &'static str,
    /// The lines, in the order of the declaration.
    pub lines: Vec<Line>,
}

/// One item of the declaration. It serializes as its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// A key that is the same in every version of a provider.
    pub(crate) topic: String,
    /// The address to which the client secret is sent, in the line about it.
    pub(crate) goes_to: Option<String>,
    /// A sentence.
    pub words: String,
    /// Whether the operator must agree again if the line changes.
    pub needs_consent: bool,
}

/// The consent request of a provider. Templates are filled with `settings` and with defaults; the
/// template follows in brackets.
pub fn consent_request(descriptor: &Descriptor, settings: Option<&Settings>) -> ConsentRequest {
    let filled = FilledTemplates::of(descriptor, settings);
    let sections = [
        ("What it is", about(descriptor)),
        ("How people sign in", sign_in::lines(descriptor, &filled)),
        ("Who people are", identity::lines(descriptor, &filled)),
        ("What it may ask clouds for", permissions::lines(descriptor, &filled)),
        ("What it asks you for", settings::lines(descriptor, &filled)),
        ("What goes beyond that", capabilities(descriptor)),
    ];
    let sections = sections.into_iter().map(|(title, lines)| Section { title, lines });
    ConsentRequest { sections: sections.filter(|section| !section.lines.is_empty()).collect() }
}

impl ConsentRequest {
    /// The lines of all sections.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.sections.iter().flat_map(|section| &section.lines)
    }
}

impl Line {
    fn new(topic: impl Into<String>, words: impl AsRef<str>) -> Self {
        let words = clean(words.as_ref(), usize::MAX);
        Self { topic: topic.into(), goes_to: None, words, needs_consent: true }
    }

    /// The line, with a change of it needing no consent.
    fn without_consent(self) -> Self {
        Self { needs_consent: false, ..self }
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.words)
    }
}

const LEGEND: &str =
    "The template of a text follows it in [brackets]: {key} is your setting of that name.";

impl fmt::Display for ConsentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for section in &self.sections {
            writeln!(f, "{}:", section.title)?;
            for line in &section.lines {
                writeln!(f, "  - {}", line.words)?;
            }
        }
        if self.lines().any(|line| line.words.contains(" [")) {
            writeln!(f, "{LEGEND}")?;
        }
        Ok(())
    }
}

fn about(it: &Descriptor) -> Vec<Line> {
    let id = it.id.as_str();
    let variables = id.replace('-', "_").to_ascii_uppercase();
    vec![
        Line::new("name", format!("Its button says {}.", quoted(&it.name))),
        Line::new(
            "id",
            format!(
                "It is the provider {id}: it uses the client that {variables}_CLIENT_ID and \
                 {variables}_CLIENT_SECRET name."
            ),
        ),
        Line::new("version", format!("Its version is {}.", shown(&it.version))).without_consent(),
        Line::new("noun", format!("It lists each {}.", quoted(&it.account_noun))).without_consent(),
    ]
}

fn capabilities(it: &Descriptor) -> Vec<Line> {
    let line = |one: &Capability| {
        let extra = pairs(&one.extra, "=");
        let with = if extra.is_empty() { String::new() } else { format!(", with {extra}") };
        let (name, kind, why) = (quoted(&one.name), quoted(&one.kind), quoted(&one.why));
        let words = if one.kind == Capability::TENANTS {
            format!(
                "{name} may use tokens of every tenant that the person signed in belongs to, not only of \
                 the one signed in to: {why} Portico gets a token in each with the person's refresh token, \
                 and keeps it for one listing.{with}"
            )
        } else {
            format!("{name}, of the kind {kind}{with}: {why} No version of Portico uses it yet.")
        };
        Line::new(format!("capability {}", one.name), words)
    };
    it.capabilities.iter().map(line).collect()
}

/// Text of the provider in quotation marks that the text itself cannot contain.
fn quoted(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", text.replace(['\u{201c}', '\u{201d}'], "\""))
}

/// Text of the provider that is usually one word: quoted unless it is.
fn shown(text: &str) -> String {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if plain { text.to_owned() } else { quoted(text) }
}

/// Several texts by [`shown`], separated by commas.
fn all_shown<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|text| shown(text.as_ref())).collect::<Vec<_>>().join(", ")
}

/// Names and values, separated by commas.
fn pairs(pairs: &[(String, String)], between: &str) -> String {
    let one =
        |(name, value): &(String, String)| format!("{}{between}{}", shown(name), quoted(value));
    pairs.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
