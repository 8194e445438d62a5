//! The compact encoding of a token's text.
//!
//! Tokens are by far the largest part of a session on disk, and nearly all are base64url parts joined
//! by dots. Such a part is encoded as the bytes that it decodes to, which saves a quarter.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use minicbor::{CborLen, Decode, Decoder, Encode, Encoder, data::Type, decode, encode};
use zeroize::Zeroize;

/// The parts of a token between its dots.
#[derive(CborLen, Decode, Encode)]
#[cbor(transparent)]
pub(crate) struct Token<'a>(#[b(0)] Vec<Part<'a>>);

/// CBOR text is the part itself, CBOR bytes are what its base64url decodes to.
enum Part<'a> {
    Text(&'a str),
    Bytes(Cow<'a, [u8]>),
}

impl<C> Encode<C> for Part<'_> {
    fn encode<W: encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Text(text) => encoder.str(text)?.ok(),
            Self::Bytes(bytes) => encoder.bytes(bytes)?.ok(),
        }
    }
}

impl<C> CborLen<C> for Part<'_> {
    fn cbor_len(&self, context: &mut C) -> usize {
        // CBOR bytes and text of equal length have encodings of equal length.
        let length = match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        };
        length.cbor_len(context) + length
    }
}

impl<'a, C> Decode<'a, C> for Part<'a> {
    fn decode(decoder: &mut Decoder<'a>, _: &mut C) -> Result<Self, decode::Error> {
        match decoder.datatype()? {
            Type::String => Ok(Self::Text(decoder.str()?)),
            _ => Ok(Self::Bytes(decoder.bytes()?.into())),
        }
    }
}

impl<'a> Token<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self(text.split('.').map(Part::of).collect())
    }

    /// The text, built without reallocation: freed memory would keep parts of the token.
    pub(crate) fn text(&self) -> String {
        let length: usize = self.0.iter().map(|part| part.max_len() + 1).sum();
        let mut text = String::with_capacity(length);
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                text.push('.');
            }
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Bytes(bytes) => BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text),
            }
        }
        text
    }
}

impl<'a> Part<'a> {
    /// The decoder accepts canonical base64url only (no padding, no trailing bits), so that encoding
    /// again gives the same text.
    fn of(text: &'a str) -> Self {
        match BASE64_URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) if !bytes.is_empty() => Self::Bytes(bytes.into()),
            _ => Self::Text(text),
        }
    }

    /// An upper bound of the length of the part's text.
    fn max_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len().div_ceil(3) * 4,
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if let Self::Bytes(Cow::Owned(bytes)) = self {
            bytes.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_token_is_unchanged() {
        let tokens = [
            "",
            ".",
            "..",
            "a",
            "ab",
            "AA==",
            "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiIxIn0.c2lnbmF0dXJl",
            "1.AXkA_-bC.",
            "AB",
            "AR",
            "M.C5 ä/+\u{0}.=",
        ];
        for token in tokens {
            assert_eq!(Token::of(token).text(), token);
        }
    }

    #[test]
    fn encoding_of_base64url_token_is_a_quarter_shorter() {
        let token = format!("1.{}.{}", "Abc_".repeat(300), "xYz-".repeat(100));
        let bytes = crate::records::to_bytes(&Token::of(&token)).unwrap();
        assert!(bytes.len() < token.len() * 77 / 100, "{} of {}", bytes.len(), token.len());
    }

    #[test]
    fn text_is_allocated_once_at_its_full_length() {
        for token in ["1.AXkA_-bC.x", "ab", "c2lnbmF0dXJl"] {
            let text = Token::of(token).text();
            assert!(text.capacity() >= text.len() && text.capacity() <= text.len() + 4);
        }
    }
}
