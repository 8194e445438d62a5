//! A token's text, a quarter shorter than it is.
//!
//! Tokens are by far the largest part of what a session takes on disk, and nearly all of them are
//! base64url in parts joined by dots. Each such part is kept as the bytes it stands for.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use minicbor::{CborLen, Decode, Decoder, Encode, Encoder, data::Type, decode, encode};
use zeroize::Zeroize;

/// A token's text, in its parts between dots.
#[derive(CborLen, Decode, Encode)]
#[cbor(transparent)]
pub(crate) struct Token<'a>(#[b(0)] Vec<Part<'a>>);

/// A text in CBOR is kept as it is, bytes are what the part is the base64url of.
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
        // Bytes and texts of one length take the same.
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

    /// The text, in the one piece of memory that it will be zeroised in.
    pub(crate) fn text(&self) -> String {
        let length: usize = self.0.iter().map(|part| part.longest() + 1).sum();
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
    /// The decoder takes only what an encoder writes (no padding, no stray bits at the end), so
    /// that encoding gives back the very text.
    fn of(text: &'a str) -> Self {
        match BASE64_URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) if !bytes.is_empty() => Self::Bytes(bytes.into()),
            _ => Self::Text(text),
        }
    }

    fn longest(&self) -> usize {
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
    fn every_text_comes_back_as_it_was() {
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
    fn base64url_is_kept_a_quarter_shorter() {
        let token = format!("1.{}.{}", "Abc_".repeat(300), "xYz-".repeat(100));
        let kept = crate::records::to_bytes(&Token::of(&token)).unwrap();
        assert!(kept.len() < token.len() * 77 / 100, "{} of {}", kept.len(), token.len());
    }

    #[test]
    fn making_the_text_leaves_no_shorter_copy_behind() {
        for token in ["1.AXkA_-bC.x", "ab", "c2lnbmF0dXJl"] {
            let text = Token::of(token).text();
            assert!(text.capacity() >= text.len() && text.capacity() <= text.len() + 4);
        }
    }
}
