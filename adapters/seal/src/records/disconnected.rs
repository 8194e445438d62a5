//! A disconnected account. It lives for a minute, so its listing is stored within it.

use minicbor::{CborLen, Decode, Encode};
use portico_domain::{account, session, time::Timestamp};

use super::{DecodeError, Listing, Tokens, session::Account};

#[derive(CborLen, Decode, Encode)]
pub(crate) struct Disconnected<'a> {
    #[b(0)]
    account: Account<'a>,
    #[b(1)]
    listing: Listing<'a>,
    #[b(2)]
    tokens: Option<Tokens<'a>>,
    #[n(3)]
    expires_at: u64,
}

impl<'a> Disconnected<'a> {
    pub(crate) fn of(disconnected: &'a session::DisconnectedAccount) -> Self {
        let session::DisconnectedAccount { account, tokens, expires_at } = disconnected;
        Self {
            account: Account::of(account, None),
            listing: Listing::of(&account.listing),
            tokens: tokens.as_ref().map(Tokens::of),
            expires_at: expires_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<session::DisconnectedAccount, DecodeError> {
        let record: Self = super::decode(plain)?;
        Ok(session::DisconnectedAccount {
            account: account::Account {
                listing: record.listing.value().into(),
                ..record.account.read()?
            },
            tokens: record.tokens.map(Tokens::value),
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
