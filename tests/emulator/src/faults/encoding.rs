//! Encodings in which a cloud may echo a token.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// An encoding of a token.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// A JSON escape for each character. The response is JSON too, so the backslashes are escaped again.
    Json,
    /// A percent escape for each character.
    Percent,
    /// An HTML character reference for each character.
    Html,
    /// Base64 with padding, in lines of 60 characters.
    Base64,
    /// Base64url without padding, of the token after one additional byte.
    Base64Url,
    /// Lower-case hexadecimal.
    Hex,
    /// Characters in reverse order.
    Reversed,
    /// A line break after every tenth character.
    Wrapped,
    /// Upper case.
    UpperCase,
    /// The second half only.
    Half,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 10] = [
        Self::Json,
        Self::Percent,
        Self::Html,
        Self::Base64,
        Self::Base64Url,
        Self::Hex,
        Self::Reversed,
        Self::Wrapped,
        Self::UpperCase,
        Self::Half,
    ];

    pub(crate) fn of(self, text: &str) -> String {
        let each = |form: fn(u8) -> String| text.bytes().map(form).collect();
        match self {
            Self::Json => each(|byte| format!("\\u{byte:04x}")),
            Self::Percent => each(|byte| format!("%{byte:02X}")),
            Self::Html => each(|byte| format!("&#{byte};")),
            Self::Base64 => wrapped(&BASE64_STANDARD.encode(text), 60),
            Self::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(format!("~{text}")),
            Self::Hex => each(|byte| format!("{byte:02x}")),
            Self::Reversed => text.chars().rev().collect(),
            Self::Wrapped => wrapped(text, 10),
            Self::UpperCase => text.to_uppercase(),
            Self::Half => text.chars().skip(text.len() / 2).collect(),
        }
    }
}

fn wrapped(text: &str, every: usize) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(every).map(String::from_utf8_lossy).collect();
    lines.join("\n")
}
