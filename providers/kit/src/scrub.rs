//! Removes secrets from a tape and, on request, replaces names and e-mail addresses of people.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use thiserror::Error;
use url::form_urlencoded::byte_serialize;

use crate::tape::Tape;

/// Replaces a secret.
const REMOVED: &str = "(removed)";

/// Members whose values are always secrets. Compared by [`normalized`] name.
const SECRET_MEMBERS: [&str; 11] = [
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "clientsecret",
    "secretaccesskey",
    "sessiontoken",
    "password",
    "privatekey",
    "apikey",
    "assertion",
    "clientassertion",
];

/// Members of a person whose values are names. Compared by [`normalized`] name.
const NAME_MEMBERS: [&str; 15] = [
    "name",
    "givenname",
    "familyname",
    "middlename",
    "nickname",
    "displayname",
    "preferredusername",
    "username",
    "login",
    "upn",
    "uniquename",
    "email",
    "phonenumber",
    "picture",
    "avatarurl",
];

/// What is removed from a tape.
///
/// Tokens never reach a provider, so they are on no tape, unless a cloud echoes one. Subjects and
/// tenants are kept, unless they are names or addresses too. A replacement is of the same kind as the
/// original, an identifier for an identifier, so that the provider does the same with the tape.
#[derive(Clone, Debug, Default)]
pub struct Scrub {
    /// Texts to remove everywhere, in any encoding of a URL or of JSON.
    pub secrets: Vec<String>,
    /// Replaces every e-mail address, and every name of the person. Equal originals have equal
    /// replacements.
    pub anonymise: bool,
}

impl Scrub {
    /// The scrubbed tape. Values of members that are named like secrets, and texts that look like a JSON
    /// Web Token, are always removed.
    ///
    /// Fails if what is left is no tape: a secret that is also a word of the format, such as `reply`, is
    /// removed there too. A tape that cannot be scrubbed is not returned as it was.
    pub fn clean(&self, tape: &Tape) -> Result<Tape, CannotScrub> {
        let value = serde_json::to_value(tape)?;
        let mut sensitive = Sensitive::default();
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty()).cloned();
        sensitive.secrets.extend(secrets);
        sensitive.find_secrets(&value);
        if self.anonymise {
            sensitive.find_emails(&value);
            sensitive.find_names(&value);
        }
        let replacements = sensitive.replacements();
        Ok(serde_json::from_value(replaced(value, &replacements))?)
    }
}

/// Why there is no scrubbed tape.
#[derive(Debug, Error)]
#[error("the tape cannot be scrubbed: a secret is also a word of the format of tapes ({0})")]
pub struct CannotScrub(#[from] serde_json::Error);

/// Texts to be replaced.
#[derive(Default)]
struct Sensitive {
    secrets: BTreeSet<String>,
    emails: BTreeSet<String>,
    names: BTreeSet<String>,
}

struct Replacement {
    from: String,
    to: String,
    /// Whether `from` is replaced only if no letter or digit is next to it.
    whole_word: bool,
}

impl Sensitive {
    fn find_secrets(&mut self, value: &Value) {
        each_text(value, &mut |member, text| {
            if SECRET_MEMBERS.contains(&normalized(member).as_str()) && !text.is_empty() {
                self.secrets.insert(text.to_owned());
            }
            self.secrets.extend(words(text).filter(|word| is_jwt(word)).map(str::to_owned));
        });
    }

    fn find_emails(&mut self, value: &Value) {
        each_text(value, &mut |_, text| {
            self.emails.extend(words(text).filter(|word| is_email(word)).map(str::to_owned));
        });
    }

    fn find_names(&mut self, tape: &Value) {
        if let Some(person) = tape.pointer("/person") {
            each_text(person, &mut |member, text| {
                if NAME_MEMBERS.contains(&normalized(member).as_str()) && !is_email(text) {
                    self.names.insert(text.to_owned());
                }
            });
        }
        self.names.remove("");
    }

    /// The replacements, the longest original first: a shorter one may be a part of it.
    fn replacements(&self) -> Vec<Replacement> {
        let secrets = self.secrets.iter().map(|from| (from, REMOVED.to_owned(), false));
        let emails = (1..).zip(&self.emails);
        let emails = emails.map(|(n, from)| (from, format!("person{n}@example.com"), true));
        let names = (1..).zip(&self.names).map(|(n, from)| (from, pseudonym(n, from), true));
        let mut replacements = BTreeMap::new();
        for (from, to, whole_word) in secrets.chain(emails).chain(names) {
            for (from, to) in encodings(from, &to) {
                let replacement = Replacement { from: from.clone(), to, whole_word };
                replacements.entry(from).or_insert(replacement);
            }
        }
        let mut replacements: Vec<_> = replacements.into_values().collect();
        replacements.sort_by_key(|replacement| std::cmp::Reverse(replacement.from.len()));
        replacements
    }
}

/// A pseudonym without a space if the name has none: a user name may be a subject, an id or a segment
/// of a path.
fn pseudonym(number: usize, name: &str) -> String {
    match name.bytes().all(|b| b.is_ascii_graphic()) {
        true => format!("person-{number}"),
        false => format!("Person {number}"),
    }
}

/// A replacement in plain text, in a query, in a path, and in a JSON string.
fn encodings(from: &str, to: &str) -> [(String, String); 4] {
    let query = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let path = |text: &str| query(text).replace('+', "%20");
    let json = |text: &str| Value::from(text).to_string().trim_matches('"').to_owned();
    [
        (from.to_owned(), to.to_owned()),
        (query(from), query(to)),
        (path(from), path(to)),
        (json(from), json(to)),
    ]
}

/// Calls `visit` with every text below `value` and the name of its member, and with the texts of JSON
/// documents within texts.
fn each_text(value: &Value, visit: &mut impl FnMut(&str, &str)) {
    fn walk(member: &str, value: &Value, visit: &mut impl FnMut(&str, &str)) {
        match value {
            Value::String(text) => match nested(text) {
                Some(inner) => walk(member, &inner, visit),
                None => visit(member, text),
            },
            Value::Array(items) => items.iter().for_each(|item| walk(member, item, visit)),
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| walk(name, value, visit));
            }
            _ => {}
        }
    }
    walk("", value, visit);
}

/// The value with the replacements in every text and every name of a member.
fn replaced(value: Value, replacements: &[Replacement]) -> Value {
    let apply =
        |text: String| replacements.iter().fold(text, |text, replacement| replacement.apply(text));
    match value {
        Value::String(text) => Value::String(match nested(&text) {
            Some(inner) => {
                let clean = replaced(inner.clone(), replacements);
                if clean == inner { text } else { clean.to_string() }
            }
            None => apply(text),
        }),
        Value::Array(items) => items.into_iter().map(|item| replaced(item, replacements)).collect(),
        Value::Object(members) => {
            let member = |(name, value)| (apply(name), replaced(value, replacements));
            members.into_iter().map(member).collect()
        }
        other => other,
    }
}

impl Replacement {
    fn apply(&self, text: String) -> String {
        if !text.contains(&self.from) {
            return text;
        }
        if !self.whole_word {
            return text.replace(&self.from, &self.to);
        }
        let mut changed = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(index) = rest.find(&self.from) {
            let (before, from_match) = rest.split_at(index);
            let after = &from_match[self.from.len()..];
            let is_boundary = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
            let last = before.chars().next_back().or_else(|| changed.chars().next_back());
            let is_word = is_boundary(last) && is_boundary(after.chars().next());
            changed.push_str(before);
            changed.push_str(if is_word { &self.to } else { &self.from });
            rest = after;
        }
        changed + rest
    }
}

/// The JSON document that a text contains, as a body does.
fn nested(text: &str) -> Option<Value> {
    let is_like_json = text.trim_start().starts_with(['{', '[']);
    is_like_json.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Letters and digits in lower case: `access_token`, `accessToken` and `Access-Token` are one name.
fn normalized(member: &str) -> String {
    member.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The parts of a text that could be a token or an e-mail address.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let in_word = |c: char| c.is_alphanumeric() || "._-+@".contains(c);
    text.split(move |c: char| !in_word(c)).map(|word| word.trim_matches('.'))
}

/// Whether a word looks like a JSON Web Token: three parts if it is signed, five if it is encrypted, the
/// first a JSON object in base64url (RFC 7515 and RFC 7516, section 3.1 each).
fn is_jwt(word: &str) -> bool {
    let parts = word.split('.').count();
    word.starts_with("eyJ") && matches!(parts, 3 | 5) && word.len() > 30
}

fn is_email(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

#[cfg(test)]
mod tests;
