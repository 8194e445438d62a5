//! The keys that sign session tokens.

use minicbor::{CborLen, Decode, Encode};
use portico_domain::{
    signing::{self, PrivateKey, SigningAlgorithm},
    time::Timestamp,
};

#[derive(Debug, CborLen, Decode, Encode)]
pub(crate) struct SigningKeys<'a> {
    #[b(0)]
    keys: Vec<SigningKey<'a>>,
}

#[derive(Debug, CborLen, Decode, Encode)]
struct SigningKey<'a> {
    #[b(0)]
    id: &'a str,
    /// The name in `alg`.
    #[b(1)]
    algorithm: &'a str,
    /// Unix seconds.
    #[n(2)]
    created_at: u64,
    /// PKCS#8 in DER.
    #[cbor(b(3), with = "minicbor::bytes")]
    private: &'a [u8],
}

impl<'a> SigningKeys<'a> {
    pub(crate) fn of(keys: &'a signing::SigningKeys) -> Self {
        let key = |key: &'a signing::SigningKey| SigningKey {
            id: &key.id,
            algorithm: key.algorithm.as_str(),
            created_at: key.created_at.unix_seconds(),
            private: key.private.expose(),
        };
        Self { keys: keys.all().iter().map(key).collect() }
    }

    /// Without keys of an algorithm that this version does not know.
    pub(crate) fn value(&self) -> signing::SigningKeys {
        let key = |key: &SigningKey<'_>| {
            Some(signing::SigningKey {
                id: key.id.to_owned(),
                algorithm: SigningAlgorithm::parse(key.algorithm)?,
                created_at: Timestamp::from_unix_seconds(key.created_at),
                private: PrivateKey::new(key.private.to_vec()),
            })
        };
        signing::SigningKeys::new(self.keys.iter().filter_map(key).collect())
    }
}
