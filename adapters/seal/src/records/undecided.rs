//! A login that waits for a choice. It lives for minutes, so its listing is stored within it.

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};
use portico_domain::{
    account,
    decision::{self, ListedLogin},
    identity::{Claims, PersonKey},
    login::LoginOrigin,
    return_to::ReturnTo,
    session::{SessionKey, SignOutCount},
    time::Timestamp,
};
use url::Url;

use super::{DecodeError, Listing, Tokens, session::Account};

#[derive(CborLen, Decode, Encode)]
pub(crate) struct Undecided<'a> {
    #[n(0)]
    person: ByteArray<32>,
    #[b(1)]
    user: &'a str,
    #[n(2)]
    only_connects: bool,
    #[b(3)]
    account: Account<'a>,
    #[b(4)]
    listing: Listing<'a>,
    #[b(5)]
    tokens: Tokens<'a>,
    #[n(6)]
    own_page: bool,
    #[n(7)]
    sign_outs: u64,
    #[b(8)]
    return_to: &'a str,
    #[n(9)]
    expires_at: u64,
    #[n(10)]
    session: Option<ByteArray<32>>,
}

impl<'a> Undecided<'a> {
    pub(crate) fn of(undecided: &'a decision::Undecided) -> Self {
        let ListedLogin { person, user, only_connects, account, tokens, origin, return_to } =
            &undecided.login;
        Self {
            person: (*person.as_bytes()).into(),
            user: user.json(),
            only_connects: *only_connects,
            account: Account::of(account, None),
            listing: Listing::of(&account.listing),
            tokens: Tokens::of(tokens),
            session: origin.session.map(|key| (*key.as_bytes()).into()),
            own_page: origin.own_page,
            sign_outs: origin.sign_outs.0,
            return_to: return_to.url().as_str(),
            expires_at: undecided.expires_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<decision::Undecided, DecodeError> {
        let record: Self = super::decode(plain)?;
        Ok(decision::Undecided {
            login: ListedLogin {
                person: PersonKey::from_bytes(*record.person),
                user: Claims::from_authenticated(record.user.into()),
                only_connects: record.only_connects,
                account: account::Account {
                    listing: record.listing.value().into(),
                    ..record.account.read()?
                },
                tokens: record.tokens.value(),
                origin: LoginOrigin {
                    session: record.session.map(|key| SessionKey::from_bytes(*key)),
                    own_page: record.own_page,
                    sign_outs: SignOutCount(record.sign_outs),
                    // It has listed already.
                    refresh: false,
                },
                return_to: ReturnTo::from_url(Url::parse(record.return_to)?),
            },
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
