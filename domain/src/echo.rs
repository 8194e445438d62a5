//! Detects a token, or a long part of one, in a cloud's response, in the usual encodings.
//!
//! Responses are compared in normal form: only ASCII letters and digits, in lower case. So line breaks,
//! quotes, separators, case and the two alphabets of base64 make no difference, and each encoding of a
//! token is one more text to search for. A response is scanned twice, unchanged and with its escapes
//! decoded, in linear time, with a sliding window of sixteen characters.

mod decoded;
mod encodings;
mod filter;
mod hasher;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt};

use portico_provider_model::Reply;

use self::{
    encodings::{Part, encodings, parts},
    filter::WindowFilter,
    hasher::WindowHashes,
};
use crate::secret::AccessToken;

/// The length of a window, in characters of normal form. It fits a `u128`, a byte a character.
const WINDOW: usize = 16;
/// Windows of a token begin at every eighth character: any 23 consecutive characters contain one.
const STRIDE: usize = 8;
/// How many consecutive windows of a public part count as an echo: at most 111 characters.
const PUBLIC_RUN: u32 = 12;
/// A window with fewer different characters is ignored: it may be padding of any response.
const MIN_VARIETY: usize = 5;
/// The shortest encoded form that is searched for: a shorter one occurs by chance.
const MIN_LITERAL_LEN: usize = 8;

/// The tokens that were sent so far, with their windows.
#[derive(Default)]
pub struct TokenEcho {
    tokens: Vec<AccessToken>,
    /// Every window. A window of a public part has its sequence number, one of a secret has `None`.
    windows: HashMap<u128, Option<u32>, WindowHashes>,
    /// In front of `windows`, for speed alone.
    filter: WindowFilter,
    /// Texts that are too short, or have too little variety, for a window.
    literals: Vec<String>,
    /// The number of the next public window.
    next: u32,
}

impl fmt::Debug for TokenEcho {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenEcho({} redacted)", self.tokens.len())
    }
}

impl TokenEcho {
    /// Detects this token too, from now on.
    pub fn watch(&mut self, token: &AccessToken) {
        if self.tokens.contains(token) {
            return;
        }
        self.tokens.push(token.clone());
        let mut text = Vec::new();
        for part in parts(token.expose()) {
            for (encoding, encoded) in encodings(&part) {
                text.clear();
                text.extend(normal(encoded.as_bytes()));
                self.windows.reserve(begins(text.len()).size_hint().0);
                self.add_text(&text, &part, encoding == 0);
            }
        }
    }

    /// Whether the body or a header has one of the tokens, or a long part of one.
    pub(crate) fn is_in(&self, reply: &Reply) -> bool {
        let values = reply.headers.iter().map(|(_, value)| value);
        values.chain([&reply.body]).any(|text| self.is_in_text(text))
    }

    /// Whether the text has one of the tokens, or a long part of one.
    pub fn is_in_text(&self, text: &str) -> bool {
        self.contains(text.as_bytes())
            || decoded::has_escapes(text) && self.contains(&decoded::decoded(text))
    }

    fn add_text(&mut self, text: &[u8], part: &Part<'_>, is_plain: bool) {
        let count = self.windows.len();
        // The numbers of two texts must not be consecutive.
        self.next += 1;
        for begin in begins(text.len()) {
            let window = &text[begin..begin + WINDOW];
            if variety(window) < MIN_VARIETY {
                continue;
            }
            let window = window.iter().fold(0, |packed, byte| pushed(packed, *byte));
            let number = part.is_public.then_some(self.next);
            self.next += 1;
            self.filter.insert(window);
            // A window that is public in one token and secret in another is secret.
            let known = self.windows.entry(window).or_insert(number);
            *known = known.and(number);
        }
        let has_none = self.windows.len() == count;
        let shortest = if is_plain { 1 } else { MIN_LITERAL_LEN };
        if has_none && !part.is_public && text.len() >= shortest {
            self.literals.push(text.iter().copied().map(char::from).collect());
        }
    }

    fn contains(&self, text: &[u8]) -> bool {
        let has_literal = || {
            let text: String = normal(text).map(char::from).collect();
            self.literals.iter().any(|literal| text.contains(literal))
        };
        self.has_window(normal(text)) || !self.literals.is_empty() && has_literal()
    }

    fn has_window(&self, text: impl Iterator<Item = u8>) -> bool {
        let mut window = 0;
        let (mut last, mut run) = ((0, 0), 0);
        for (at, byte) in text.enumerate() {
            // Before the sixteenth character its first bytes are zero, as in no window of a token.
            window = pushed(window, byte);
            if !self.filter.may_contain(window) {
                continue;
            }
            match self.windows.get(&window) {
                None => {}
                Some(None) => return true,
                Some(Some(number)) => {
                    let is_consecutive = last == (at.wrapping_sub(STRIDE), number - 1);
                    run = if is_consecutive { run + 1 } else { 1 };
                    last = (at, *number);
                    if run == PUBLIC_RUN {
                        return true;
                    }
                }
            }
        }
        false
    }
}

/// The offsets of the windows of a text of this length: every stride, and a window at its end.
fn begins(length: usize) -> impl Iterator<Item = usize> {
    let last = length.checked_sub(WINDOW);
    (0..last.unwrap_or(0)).step_by(STRIDE).chain(last)
}

/// ASCII letters and digits, in lower case.
fn normal(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase)
}

const fn pushed(window: u128, byte: u8) -> u128 {
    (window << 8) + byte as u128
}

/// The number of different characters, all of normal form.
fn variety(window: &[u8]) -> usize {
    let bit = |byte: &u8| 1_u64 << if *byte < b'a' { byte - b'0' } else { byte - b'a' + 10 };
    window.iter().fold(0, |seen, byte| seen | bit(byte)).count_ones() as usize
}
