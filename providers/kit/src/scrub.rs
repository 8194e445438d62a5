//! Takes out of a tape what must not be on it: secrets always, people where it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::tape::Tape;

/// What stands where a secret stood.
const REMOVED: &str = "(removed)";

/// Members of claims and of replies whose values are secrets, whatever the tape's maker knew of.
/// Compared without case, `_` and `-`.
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

/// Claims whose values are what people are called.
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

/// What a tape shall not hold.
///
/// Tokens never reach a provider, and so no tape; this is for what a cloud echoes and what an
/// operator knows to be secret. Subjects and tenants stay where they are no names and no addresses:
/// they are numbers to everybody else. Whatever is replaced stays of its kind, an id an id, so that
/// the provider does with the tape what it did.
#[derive(Clone, Debug, Default)]
pub struct Scrub {
    /// Texts to take out wherever they stand, in any spelling of a URL or of JSON.
    pub secrets: Vec<String>,
    /// Replace e-mail addresses, and what the claims call the person, by made-up ones; the same by
    /// the same, everywhere.
    pub anonymise: bool,
}

impl Scrub {
    /// The tape without them. Members named like secrets, and texts that look like a JSON Web Token,
    /// go always. Claims, and with them the nonce and the `sid` of a login, are on no tape.
    pub fn clean(&self, tape: &Tape) -> Tape {
        let Ok(value) = serde_json::to_value(tape) else { return tape.clone() };
        let mut found = Found::default();
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty()).cloned();
        found.secrets.extend(secrets);
        found.look_for_secrets(&value);
        if self.anonymise {
            found.look_for_emails(&value);
            found.look_for_names(&value);
        }
        let swaps = found.swaps();
        serde_json::from_value(swapped(value, &swaps)).unwrap_or_else(|_| tape.clone())
    }
}

#[derive(Default)]
struct Found {
    secrets: BTreeSet<String>,
    emails: BTreeSet<String>,
    names: BTreeSet<String>,
}

/// A text and what stands in its place; whether it is to be a word of its own.
struct Swap {
    from: String,
    to: String,
    word: bool,
}

impl Found {
    fn look_for_secrets(&mut self, value: &Value) {
        each_text(value, &mut |member, text| {
            if SECRET_MEMBERS.contains(&plain(member).as_str()) && !text.is_empty() {
                self.secrets.insert(text.to_owned());
            }
            self.secrets.extend(words(text).filter(|word| is_jwt(word)).map(str::to_owned));
        });
    }

    fn look_for_emails(&mut self, value: &Value) {
        each_text(value, &mut |_, text| {
            self.emails.extend(words(text).filter(|word| is_email(word)).map(str::to_owned));
        });
    }

    fn look_for_names(&mut self, tape: &Value) {
        if let Some(person) = tape.pointer("/person") {
            each_text(person, &mut |member, text| {
                if NAME_MEMBERS.contains(&plain(member).as_str()) && !is_email(text) {
                    self.names.insert(text.to_owned());
                }
            });
        }
        self.names.remove("");
    }

    /// The longest first, so that a name within another does not tear it apart.
    fn swaps(&self) -> Vec<Swap> {
        let removed = self.secrets.iter().map(|from| (from, REMOVED.to_owned(), false));
        let emails = (1..).zip(&self.emails);
        let emails = emails.map(|(n, from)| (from, format!("person{n}@example.com"), true));
        let names = (1..).zip(&self.names).map(|(n, from)| (from, made_up_name(n, from), true));
        let mut swaps = BTreeMap::new();
        for (from, to, word) in removed.chain(emails).chain(names) {
            for (from, to) in spellings(from, &to) {
                swaps.entry(from.clone()).or_insert(Swap { from, to, word });
            }
        }
        let mut swaps: Vec<_> = swaps.into_values().collect();
        swaps.sort_by_key(|swap| std::cmp::Reverse(swap.from.len()));
        swaps
    }
}

/// A name for a person, or a word where the name is one: a login may be a subject, a segment of a path
/// or the id of what somebody owns, where no blank can stand.
fn made_up_name(number: usize, from: &str) -> String {
    match from.bytes().all(|b| b.is_ascii_graphic()) {
        true => format!("person-{number}"),
        false => format!("Person {number}"),
    }
}

/// A text as it is, in a query, in a path, and escaped in JSON.
fn spellings(from: &str, to: &str) -> [(String, String); 4] {
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

/// Every text below `value` with the member it stands under, those of JSON within a text too.
fn each_text(value: &Value, see: &mut impl FnMut(&str, &str)) {
    fn walk(member: &str, value: &Value, see: &mut impl FnMut(&str, &str)) {
        match value {
            Value::String(text) => match nested(text) {
                Some(inner) => walk(member, &inner, see),
                None => see(member, text),
            },
            Value::Array(items) => items.iter().for_each(|item| walk(member, item, see)),
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| walk(name, value, see));
            }
            _ => {}
        }
    }
    walk("", value, see);
}

fn swapped(value: Value, swaps: &[Swap]) -> Value {
    match value {
        Value::String(text) => Value::String(match nested(&text) {
            Some(inner) => {
                let clean = swapped(inner.clone(), swaps);
                if clean == inner { text } else { clean.to_string() }
            }
            None => swaps.iter().fold(text, |text, swap| swap.applied(text)),
        }),
        Value::Array(items) => items.into_iter().map(|item| swapped(item, swaps)).collect(),
        Value::Object(members) => {
            let name = |name: String| swaps.iter().fold(name, |name, swap| swap.applied(name));
            members.into_iter().map(|(key, value)| (name(key), swapped(value, swaps))).collect()
        }
        other => other,
    }
}

impl Swap {
    fn applied(&self, text: String) -> String {
        if !text.contains(&self.from) {
            return text;
        }
        if !self.word {
            return text.replace(&self.from, &self.to);
        }
        let mut changed = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&self.from) {
            let (before, from_here) = rest.split_at(at);
            let after = &from_here[self.from.len()..];
            let is_cut = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
            let last = before.chars().next_back().or_else(|| changed.chars().next_back());
            let is_word = is_cut(last) && is_cut(after.chars().next());
            changed.push_str(before);
            changed.push_str(if is_word { &self.to } else { &self.from });
            rest = after;
        }
        changed + rest
    }
}

/// JSON within a text, as bodies are.
fn nested(text: &str) -> Option<Value> {
    let is_like_json = text.trim_start().starts_with(['{', '[']);
    is_like_json.then(|| serde_json::from_str(text).ok()).flatten()
}

/// `access_token`, `accessToken` and `Access-Token` are one name.
fn plain(member: &str) -> String {
    member.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// What could be a token or an address in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let belongs = |c: char| c.is_alphanumeric() || "._-+@".contains(c);
    text.split(move |c: char| !belongs(c)).map(|word| word.trim_matches('.'))
}

/// Three parts of base64url, the first an object (RFC 7519 section 3).
fn is_jwt(word: &str) -> bool {
    word.starts_with("eyJ") && word.split('.').count() == 3 && word.len() > 30
}

fn is_email(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

#[cfg(test)]
mod tests;
