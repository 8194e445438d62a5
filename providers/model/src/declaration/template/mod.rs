//! Templates: texts in a descriptor that the host fills with the operator's settings and the tenant of
//! a sign-in.
//!
//! The operator agrees to the template, so a value must not change its structure: within a host it is
//! labels, within a path one segment.

mod address;
mod check;

use thiserror::Error;

pub use self::{
    address::address,
    check::{check_address, check_placeholders},
};

/// The placeholder of the tenant. No setting may have this key.
pub const TENANT: &str = "tenant";

/// Why a template cannot be filled.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TemplateError {
    /// The setting or the tenant has no value.
    #[error("{{{0}}} is not given")]
    Missing(String),
    /// The value is not valid at its place in the template.
    #[error("{{{key}}} in {template:?} must be {rule}")]
    Misfit {
        /// The placeholder's key.
        key: String,
        /// The template.
        template: String,
        /// What the value must be.
        rule: &'static str,
    },
    /// The filled text is not an address that a token may be sent to.
    #[error(
        "{0:?} is not an https address (plain http on loopback only) without user, query and fragment"
    )]
    Address(String),
}

/// The keys of a template's placeholders, in order.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    parts(template).filter_map(|part| match part {
        Part::Key(key) => Some(key),
        Part::Text(_) => None,
    })
}

/// The template with `value(key)` in place of each placeholder. A placeholder without a value stays, and
/// placeholders in a value are not filled.
pub fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len());
    for part in parts(template) {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Key(key) => match value(key) {
                Some(value) => text.push_str(value),
                None => text.extend(["{", key, "}"]),
            },
        }
    }
    text
}

/// Whether `text` is one or more labels of a host name, without a port, a path or a wildcard.
pub(crate) fn is_host_part(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.split('.').all(is_label)
}

enum Part<'a> {
    Text(&'a str),
    Key(&'a str),
}

/// The parts of a template. A brace without its pair is text.
fn parts(template: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = template;
    let mut key = None;
    std::iter::from_fn(move || {
        if let Some(key) = key.take() {
            return Some(Part::Key(key));
        }
        if rest.is_empty() {
            return None;
        }
        let found =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)));
        let Some((before, (name, after))) = found else {
            return Some(Part::Text(std::mem::take(&mut rest)));
        };
        rest = after;
        if before.is_empty() {
            return Some(Part::Key(name));
        }
        key = Some(name);
        Some(Part::Text(before))
    })
}

#[cfg(test)]
mod tests;
