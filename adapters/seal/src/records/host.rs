//! What browsers hold at protected hosts.

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};
use portico_domain::{
    epoch::Epoch,
    host_session::{self, BrowserChallenge},
    secret::State,
    session::SessionKey,
    time::Timestamp,
};
use url::Url;

use super::DecodeError;

#[derive(CborLen, Decode, Encode)]
pub(crate) struct HandOff<'a> {
    #[b(0)]
    id: &'a str,
    #[n(1)]
    session: ByteArray<32>,
    #[b(2)]
    challenge: &'a str,
    #[b(3)]
    return_to: &'a str,
    #[n(4)]
    epoch: u64,
    #[n(5)]
    expires_at: u64,
}

impl<'a> HandOff<'a> {
    pub(crate) fn of(hand_off: &'a host_session::HandOff) -> Self {
        Self {
            id: hand_off.id.expose(),
            session: (*hand_off.session.as_bytes()).into(),
            challenge: hand_off.challenge.as_str(),
            return_to: hand_off.return_to.as_str(),
            epoch: hand_off.epoch.number(),
            expires_at: hand_off.expires_at.unix_seconds(),
        }
    }

    /// `None` if it has no valid challenge.
    pub(crate) fn read(plain: &'a [u8]) -> Result<Option<host_session::HandOff>, DecodeError> {
        let record: Self = super::decode(plain)?;
        let Some(challenge) = BrowserChallenge::parse(record.challenge) else { return Ok(None) };
        Ok(Some(host_session::HandOff {
            id: State::new(record.id),
            session: SessionKey::from_bytes(*record.session),
            challenge,
            return_to: Url::parse(record.return_to)?,
            epoch: Epoch::from_number(record.epoch),
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        }))
    }
}

#[derive(CborLen, Decode, Encode)]
pub(crate) struct HostSession {
    #[n(0)]
    session: ByteArray<32>,
    #[n(1)]
    expires_at: u64,
}

impl HostSession {
    pub(crate) fn of(session: &host_session::HostSession) -> Self {
        Self {
            session: (*session.session.as_bytes()).into(),
            expires_at: session.expires_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &[u8]) -> Result<host_session::HostSession, DecodeError> {
        let record: Self = super::decode(plain)?;
        Ok(host_session::HostSession {
            session: SessionKey::from_bytes(*record.session),
            expires_at: Timestamp::from_unix_seconds(record.expires_at),
        })
    }
}
