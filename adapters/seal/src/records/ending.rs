//! Why a session ended, or when it will have expired.

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};
use portico_domain::session::{self, SessionKey};

#[derive(Debug, CborLen, Decode, Encode)]
pub(crate) enum Ending {
    #[n(0)]
    Moved(#[n(0)] ByteArray<32>),
    #[n(1)]
    Crowded,
    #[n(2)]
    SignedOutEverywhere,
    #[n(3)]
    NotAllowed,
    #[n(4)]
    Replaced,
    /// With the first second at which it may have expired.
    #[n(5)]
    Expired(#[n(0)] u64),
    #[n(6)]
    SignedOut,
    #[n(7)]
    EndedElsewhere,
    #[n(8)]
    OtherPerson,
    #[n(9)]
    SignedOutAtProvider,
}

impl Ending {
    pub(crate) fn of(ending: session::Ending) -> Self {
        match ending {
            session::Ending::Moved(to) => Self::Moved(ByteArray::from(*to.as_bytes())),
            session::Ending::Crowded => Self::Crowded,
            session::Ending::SignedOutEverywhere => Self::SignedOutEverywhere,
            session::Ending::NotAllowed => Self::NotAllowed,
            session::Ending::Replaced => Self::Replaced,
            session::Ending::Expired => Self::Expired(0),
            session::Ending::SignedOut => Self::SignedOut,
            session::Ending::EndedElsewhere => Self::EndedElsewhere,
            session::Ending::OtherPerson => Self::OtherPerson,
            session::Ending::SignedOutAtProvider => Self::SignedOutAtProvider,
        }
    }

    pub(crate) fn read(self) -> session::Ending {
        match self {
            Self::Moved(to) => session::Ending::Moved(SessionKey::from_bytes(*to)),
            Self::Crowded => session::Ending::Crowded,
            Self::SignedOutEverywhere => session::Ending::SignedOutEverywhere,
            Self::NotAllowed => session::Ending::NotAllowed,
            Self::Replaced => session::Ending::Replaced,
            Self::Expired(_) => session::Ending::Expired,
            Self::SignedOut => session::Ending::SignedOut,
            Self::EndedElsewhere => session::Ending::EndedElsewhere,
            Self::OtherPerson => session::Ending::OtherPerson,
            Self::SignedOutAtProvider => session::Ending::SignedOutAtProvider,
        }
    }
}
