//! The tokens of one account.

use minicbor::{CborLen, Decode, Encode};
use portico_domain::{
    secret::{AccessToken, IdToken, RefreshToken},
    session::TokenSet,
    time::Timestamp,
};

use super::{DecodeError, token::Token};

#[derive(CborLen, Decode, Encode)]
pub(crate) struct Tokens<'a> {
    #[b(0)]
    access: Token<'a>,
    #[n(1)]
    expires_at: u64,
    #[b(2)]
    refresh: Option<Token<'a>>,
    #[b(3)]
    scopes: Vec<&'a str>,
    #[b(4)]
    id_token: Option<Token<'a>>,
    /// `None` for an empty one, which takes no space.
    #[b(5)]
    token_reply: Option<Vec<(&'a str, &'a str)>>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn of(tokens: &'a TokenSet) -> Self {
        Self {
            access: Token::of(tokens.access.expose()),
            expires_at: tokens.expires_at.unix_seconds(),
            refresh: tokens.refresh.as_ref().map(|token| Token::of(token.expose())),
            scopes: tokens.scopes.iter().map(String::as_str).collect(),
            id_token: tokens.id_token.as_ref().map(|token| Token::of(token.expose())),
            token_reply: (!tokens.token_reply.is_empty()).then(|| pairs(&tokens.token_reply)),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<TokenSet, DecodeError> {
        Ok(super::decode::<Self>(plain)?.value())
    }

    pub(crate) fn value(self) -> TokenSet {
        TokenSet {
            access: AccessToken::new(self.access.text()),
            expires_at: Timestamp::from_unix_seconds(self.expires_at),
            refresh: self.refresh.map(|token| RefreshToken::new(token.text())),
            scopes: self.scopes.into_iter().map(Into::into).collect(),
            id_token: self.id_token.map(|token| IdToken::new(token.text())),
            token_reply: self.token_reply.unwrap_or_default().into_iter().map(owned).collect(),
        }
    }
}

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn owned((name, text): (&str, &str)) -> (String, String) {
    (name.to_owned(), text.to_owned())
}
