//! The encodings in which a token is detected.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// A part of a token.
pub(super) struct Part<'t> {
    text: &'t str,
    /// Whether it is useless by itself: a JWT without its signature.
    pub(super) is_public: bool,
}

/// Splits a JWT into its public part and the rest; any other token is one part.
///
/// Many JWTs share a header, and responses may have facts of the payload, perhaps in base64 of the
/// same JSON: a short piece of these is no echo. They are useless without the signature (RFC 7515
/// section 7.1) or the rest of a JWE (RFC 7516 section 7.1).
pub(super) fn parts(token: &str) -> Vec<Part<'_>> {
    let readable = token.split('.').take_while(|segment| is_object(segment));
    let length: usize = readable.map(|segment| segment.len() + 1).sum();
    let secret = token.get(length..).unwrap_or_default();
    if length == 0 || secret.len() <= super::WINDOW {
        return vec![Part { text: token, is_public: false }];
    }
    vec![Part { text: &token[..length], is_public: true }, Part { text: secret, is_public: false }]
}

fn is_object(segment: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD.decode(segment).is_ok_and(|json| json.starts_with(b"{"))
}

/// Every encoding of a part, numbered; the first is the part itself. Escapes and line breaks are not
/// here, because the normal form of a response has none.
pub(super) fn encodings(part: &Part<'_>) -> impl Iterator<Item = (usize, String)> {
    let back = reversed(part.text);
    let once = in_base64(part.text);
    let twice: Vec<_> = once.iter().flat_map(|text| in_base64(text)).collect();
    let mut encoded = Vec::from(in_numbers(part.text.as_bytes()));
    encoded.extend(once);
    let mirrored: Vec<_> = encoded.iter().map(|text| reversed(text)).collect();
    let of_back = in_base64(&back);
    let all = [vec![part.text.to_owned(), back], encoded, mirrored, of_back, twice];
    all.into_iter().flatten().enumerate()
}

/// Bytes as hexadecimal digits, the same each with `0x`, and as decimal numbers.
fn in_numbers(bytes: &[u8]) -> [String; 3] {
    let mut numbers = [2, 4, 3].map(|len| String::with_capacity(len * bytes.len()));
    let [hexadecimal, prefixed, decimal] = &mut numbers;
    for byte in bytes {
        let digits = [byte >> 4, byte & 15].map(|digit| digit_of(digit, 16));
        hexadecimal.extend(digits);
        prefixed.push_str("0x");
        prefixed.extend(digits);
        if *byte >= 100 {
            decimal.push(digit_of(byte / 100, 10));
        }
        if *byte >= 10 {
            decimal.push(digit_of(byte / 10 % 10, 10));
        }
        decimal.push(digit_of(byte % 10, 10));
    }
    numbers
}

fn digit_of(number: u8, radix: u32) -> char {
    char::from_digit(number.into(), radix).unwrap_or_default()
}

/// Bytes in base64 at each alignment (after zero, one or two other bytes), without the characters that
/// they share with their neighbours.
fn in_base64(text: &str) -> Vec<String> {
    let aligned = |before: usize| {
        let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(text.bytes()).collect();
        let text = BASE64_URL_SAFE_NO_PAD.encode(&padded);
        let first = (before * 4).div_ceil(3);
        let shared = usize::from(!padded.len().is_multiple_of(3));
        text[first..text.len().saturating_sub(shared).max(first)].to_owned()
    };
    (0..3).map(aligned).collect()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}
