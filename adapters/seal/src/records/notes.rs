//! Small notes beside the sessions.

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};

/// How many sign-outs everywhere there were.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct SignOuts {
    #[n(0)]
    pub(crate) count: u64,
}

/// That a person has signed out everywhere.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct SignedOut {
    /// How many sign-outs there were with this one.
    #[n(0)]
    pub(crate) count: u64,
    /// When, in Unix seconds.
    #[n(1)]
    pub(crate) at: u64,
}

/// The session that a browser's last login led to.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct SessionAt {
    #[n(0)]
    pub(crate) key: ByteArray<32>,
}

/// Which keys have sealed what may still live.
#[derive(Debug, Default, CborLen, Decode, Encode)]
pub(crate) struct UsedKeys {
    #[n(0)]
    pub(crate) keys: Vec<UsedKey>,
}

/// One of them.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct UsedKey {
    #[n(0)]
    pub(crate) id: ByteArray<4>,
    /// When the last session that it sealed ends, in Unix seconds.
    #[n(1)]
    pub(crate) until: u64,
}
