//! A login that succeeded, as its browser's cookie has it.

use minicbor::{CborLen, Decode, Encode};
use portico_domain::{login::FinishedLogin, return_to::ReturnTo, time::Timestamp};
use url::Url;

use super::DecodeError;

#[derive(CborLen, Decode, Encode)]
pub(crate) struct Finished<'a> {
    #[b(0)]
    return_to: &'a str,
    #[n(1)]
    undecided: bool,
    #[n(2)]
    expires_at: u64,
}

impl<'a> Finished<'a> {
    pub(crate) fn of(finished: &'a FinishedLogin) -> Self {
        Self {
            return_to: finished.return_to.url().as_str(),
            undecided: finished.undecided,
            expires_at: finished.expires_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<FinishedLogin, DecodeError> {
        let record: Self = super::decode(plain)?;
        Ok(FinishedLogin {
            return_to: ReturnTo::from_url(Url::parse(record.return_to)?),
            undecided: record.undecided,
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
