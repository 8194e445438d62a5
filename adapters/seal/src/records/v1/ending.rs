//! Why a session ended, in format 1.

use portico_domain::session::{self, SessionKey};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ending {
    Moved([u8; 32]),
    Crowded,
    SignedOutEverywhere,
    NotAllowed,
    Replaced,
}

impl Ending {
    pub(crate) fn of(ending: session::Ending) -> Self {
        match ending {
            session::Ending::Moved(to) => Self::Moved(*to.as_bytes()),
            session::Ending::Crowded => Self::Crowded,
            session::Ending::SignedOutEverywhere => Self::SignedOutEverywhere,
            session::Ending::NotAllowed => Self::NotAllowed,
            session::Ending::Replaced => Self::Replaced,
        }
    }

    pub(crate) fn read(self) -> session::Ending {
        match self {
            Self::Moved(to) => session::Ending::Moved(SessionKey::from_bytes(to)),
            Self::Crowded => session::Ending::Crowded,
            Self::SignedOutEverywhere => session::Ending::SignedOutEverywhere,
            Self::NotAllowed => session::Ending::NotAllowed,
            Self::Replaced => session::Ending::Replaced,
        }
    }
}
