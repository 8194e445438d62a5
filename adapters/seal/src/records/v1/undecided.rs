//! A login that waits for a choice, in format 1.

use portico_domain::{
    decision::{self, Arrival},
    identity::{Claims, PersonKey},
    login::LoginOrigin,
    return_to::ReturnTo,
    session::{SessionKey, SignOutCount},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{DecodeError, Tokens, session::Account};

#[derive(Serialize, Deserialize)]
pub(crate) struct Undecided<'a> {
    person: [u8; 32],
    user: &'a str,
    only_connects: bool,
    #[serde(borrow)]
    account: Account<'a>,
    #[serde(borrow)]
    tokens: Tokens<'a>,
    session: Option<[u8; 32]>,
    own_page: bool,
    sign_outs: u64,
    return_to: &'a str,
    expires_at: u64,
}

impl<'a> Undecided<'a> {
    pub(crate) fn of(undecided: &'a decision::Undecided) -> Self {
        let Arrival { person, user, only_connects, account, tokens, origin, return_to } =
            &undecided.arrival;
        Self {
            person: *person.as_bytes(),
            user: user.json(),
            only_connects: *only_connects,
            account: Account::of(account),
            tokens: Tokens::of(tokens),
            session: origin.session.map(|key| *key.as_bytes()),
            own_page: origin.own_page,
            sign_outs: origin.sign_outs.0,
            return_to: return_to.url().as_str(),
            expires_at: undecided.expires_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<decision::Undecided, DecodeError> {
        let record: Self = postcard::from_bytes(plain)?;
        Ok(decision::Undecided {
            arrival: Arrival {
                person: PersonKey::from_bytes(record.person),
                user: Claims::from_authenticated(record.user.into()),
                only_connects: record.only_connects,
                account: record.account.read()?,
                tokens: record.tokens.value(),
                origin: LoginOrigin {
                    session: record.session.map(SessionKey::from_bytes),
                    own_page: record.own_page,
                    sign_outs: SignOutCount(record.sign_outs),
                },
                return_to: ReturnTo::from_url(Url::parse(record.return_to)?),
            },
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
