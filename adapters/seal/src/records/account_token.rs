//! The description of an account's tokens in the head of a session.

use minicbor::{CborLen, Decode, Encode};
use portico_domain::{
    account::{self, TokenStatus},
    challenge::Challenge,
    time::Timestamp,
};

#[derive(Debug, CborLen, Decode, Encode)]
pub(super) struct AccountToken<'a> {
    #[n(0)]
    issued_at: u64,
    #[n(1)]
    expires_at: u64,
    #[n(2)]
    renewal: Renewal,
    #[b(3)]
    suberror: Option<&'a str>,
    #[b(4)]
    claims: Option<&'a str>,
}

#[derive(Debug, CborLen, Decode, Encode)]
#[cbor(index_only)]
enum Renewal {
    #[n(0)]
    Possible,
    #[n(1)]
    Failing,
    #[n(2)]
    Unavailable,
    #[n(3)]
    Refused,
}

impl<'a> AccountToken<'a> {
    pub(super) fn of(token: &'a account::AccountToken) -> Self {
        let TokenStatus { issued_at, expires_at, renewal } = token.status;
        let challenge = token.challenge.as_deref();
        Self {
            issued_at: issued_at.unix_seconds(),
            expires_at: expires_at.unix_seconds(),
            renewal: match renewal {
                account::Renewal::Possible => Renewal::Possible,
                account::Renewal::Failing => Renewal::Failing,
                account::Renewal::Unavailable => Renewal::Unavailable,
                account::Renewal::Refused => Renewal::Refused,
            },
            suberror: challenge.and_then(|it| it.suberror.as_deref()),
            claims: challenge.and_then(|it| it.claims.as_deref()),
        }
    }

    pub(super) fn read(self) -> account::AccountToken {
        let status = TokenStatus {
            issued_at: Timestamp::from_unix_seconds(self.issued_at),
            expires_at: Timestamp::from_unix_seconds(self.expires_at),
            renewal: match self.renewal {
                Renewal::Possible => account::Renewal::Possible,
                Renewal::Failing => account::Renewal::Failing,
                Renewal::Unavailable => account::Renewal::Unavailable,
                Renewal::Refused => account::Renewal::Refused,
            },
        };
        let [suberror, claims] = [self.suberror, self.claims].map(|text| text.map(str::to_owned));
        let challenge = Challenge { suberror, claims };
        let challenge = (challenge != Challenge::default()).then(|| Box::new(challenge));
        account::AccountToken { status, challenge }
    }
}
