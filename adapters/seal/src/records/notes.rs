//! Small notes beside the sessions.

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};

/// The number of sign-outs everywhere, of all persons.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct SignOuts {
    #[n(0)]
    pub(crate) count: u64,
}

/// The last sign-out everywhere of a person.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct SignedOut {
    /// The number of sign-outs, this one included.
    #[n(0)]
    pub(crate) count: u64,
    /// Unix seconds.
    #[n(1)]
    pub(crate) at: u64,
}

/// The session that the last login of a browser led to.
#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct SessionAt {
    #[n(0)]
    pub(crate) key: ByteArray<32>,
}

/// The keys that sealed records which may still live.
#[derive(Debug, Default, CborLen, Decode, Encode)]
pub(crate) struct UsedKeys {
    #[n(0)]
    pub(crate) keys: Vec<UsedKey>,
}

#[derive(Clone, Copy, Debug, CborLen, Decode, Encode)]
pub(crate) struct UsedKey {
    #[n(0)]
    pub(crate) id: ByteArray<4>,
    /// When the last session that it sealed ends at the latest, in Unix seconds.
    #[n(1)]
    pub(crate) until: u64,
}
