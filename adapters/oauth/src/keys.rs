//! A provider's keys (RFC 7517), parsed once when they are fetched.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The keys as they came: one that cannot be read does not spoil the others.
#[derive(Deserialize)]
pub(crate) struct Document {
    keys: Vec<Value>,
}

/// A member of the document that may sign.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    issuer: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// A key that may have signed an ID token.
pub(crate) struct Key {
    kid: Option<String>,
    /// The algorithms it may be used with.
    algorithms: Vec<Algorithm>,
    /// Entra's: the issuer whose tokens it signs, perhaps with `{tenantid}`.
    pub(crate) issuer: Option<String>,
    pub(crate) decoding: DecodingKey,
}

/// Every key of a provider that Portico can use.
pub(crate) struct KeySet(Vec<Key>);

/// Why no key fits a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// None has its `kid`: there may be newer ones.
    Unknown,
    /// It names none, and there are several.
    Ambiguous,
    /// The one it names is not for its algorithm.
    Unfit,
}

impl KeySet {
    /// Reads the keys, and passes over what is not for signatures or not known.
    pub(crate) fn read(document: Document) -> Self {
        // An array would be read too, by position.
        let objects = document.keys.into_iter().filter(Value::is_object);
        let jwks = objects.filter_map(|key| serde_json::from_value(key).ok());
        Self(jwks.filter_map(Key::read).collect())
    }

    /// How many keys can be used.
    #[cfg(feature = "testing")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The one key that a token names by `kid`, for the algorithm that it names.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Key, NoKey> {
        let fits = |key: &&Key| key.algorithms.contains(&algorithm);
        let Some(kid) = kid else {
            return match self.0.as_slice() {
                [] => Err(NoKey::Unknown),
                [only] => Some(only).filter(fits).ok_or(NoKey::Unfit),
                _ => Err(NoKey::Ambiguous),
            };
        };
        let mut named = self.0.iter().filter(|key| key.kid.as_deref() == Some(kid)).peekable();
        if named.peek().is_none() {
            return Err(NoKey::Unknown);
        }
        named.find(fits).ok_or(NoKey::Unfit)
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        if jwk.usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (decoding, family): (_, &[Algorithm]) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => {
                let key = DecodingKey::from_rsa_components(&jwk.n?, &jwk.e?).ok()?;
                (key, &[Algorithm::RS256, Algorithm::PS256])
            }
            ("EC", Some("P-256")) => {
                let key = DecodingKey::from_ec_components(&jwk.x?, &jwk.y?).ok()?;
                (key, &[Algorithm::ES256])
            }
            _ => return None,
        };
        let named = |algorithm: &Algorithm| match &jwk.alg {
            Some(alg) => alg.parse().is_ok_and(|alg: Algorithm| alg == *algorithm),
            None => true,
        };
        let algorithms = family.iter().copied().filter(named).collect();
        Some(Self { kid: jwk.kid, algorithms, issuer: jwk.issuer, decoding })
    }
}
