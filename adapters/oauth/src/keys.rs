//! A provider's JSON Web Key Set (RFC 7517), parsed once per fetch.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::algorithms::accepted;

/// Base64url with or without padding: RFC 7515 section 2 has none, but some servers send it. The
/// decoded key is the same, so accepting it is safe.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key set as JSON; an unreadable key does not affect the others.
#[derive(Deserialize)]
pub(crate) struct Document {
    keys: Vec<Value>,
}

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

/// A key that can verify ID tokens.
pub(crate) struct Key {
    kid: Option<String>,
    /// The algorithms that the key may be used with.
    algorithms: Vec<Algorithm>,
    /// The issuer whose tokens it signs, perhaps with `{tenantid}` (a member of Entra ID's).
    pub(crate) issuer: Option<String>,
    pub(crate) decoding: DecodingKey,
}

/// The usable keys of a provider.
pub(crate) struct KeySet(Vec<Key>);

/// Why no key fits a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// No key has the token's `kid`; there may be a newer key.
    Unknown,
    /// The token has no `kid`, and there are several keys.
    Ambiguous,
    /// The key is not for the token's algorithm.
    WrongKeyType(Algorithm),
}

impl KeySet {
    /// Parses the keys; ignores keys for another use and of unknown types.
    pub(crate) fn read(document: Document) -> Self {
        // serde would also accept an array, by position.
        let objects = document.keys.into_iter().filter(Value::is_object);
        let jwks = objects.filter_map(|key| serde_json::from_value(key).ok());
        Self(jwks.filter_map(Key::read).collect())
    }

    /// Whether there is no usable key.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of usable keys.
    #[cfg(feature = "testing")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key for a token's `kid` and algorithm. Without `kid`, the only key.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Key, NoKey> {
        let fits = |key: &&Key| key.algorithms.contains(&algorithm);
        let Some(kid) = kid else {
            return match self.0.as_slice() {
                [] => Err(NoKey::Unknown),
                [only] => Some(only).filter(fits).ok_or(NoKey::WrongKeyType(algorithm)),
                _ => Err(NoKey::Ambiguous),
            };
        };
        let mut named = self.0.iter().filter(|key| key.kid.as_deref() == Some(kid)).peekable();
        if named.peek().is_none() {
            return Err(NoKey::Unknown);
        }
        named.find(fits).ok_or(NoKey::WrongKeyType(algorithm))
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        if jwk.usage.as_ref().is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (decoding, family) = decoding(&jwk)?;
        let named = |algorithm: &Algorithm| match &jwk.alg {
            Some(alg) => accepted(alg) == Some(*algorithm),
            None => true,
        };
        let algorithms = family.iter().copied().filter(named).collect();
        Some(Self { kid: jwk.kid, algorithms, issuer: jwk.issuer, decoding })
    }
}

/// The decoded key and the algorithms of its type and curve (RFC 7518 sections 3.3 to 3.5, RFC 8037
/// section 3.1).
fn decoding(jwk: &Jwk) -> Option<(DecodingKey, &'static [Algorithm])> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    Some(match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (number(jwk.n.as_deref())?, number(jwk.e.as_deref())?);
            let key = DecodingKey::from_rsa_raw_components(&n, &e);
            (key, &[RS256, RS384, RS512, PS256, PS384, PS512])
        }
        ("EC", Some("P-256")) => (point(jwk, 32)?, &[ES256]),
        ("EC", Some("P-384")) => (point(jwk, 48)?, &[ES384]),
        ("OKP", Some("Ed25519")) => {
            let x = BASE64_URL.decode(jwk.x.as_deref()?).ok().filter(|x| x.len() == 32)?;
            (DecodingKey::from_ed_der(&x), &[EdDSA])
        }
        _ => return None,
    })
}

/// A `Base64urlUInt` without leading zero bytes: RFC 7518 section 2 forbids them, but encoders of signed
/// numbers write one. The number is the same, so accepting it is safe.
fn number(text: Option<&str>) -> Option<Vec<u8>> {
    let bytes = BASE64_URL.decode(text?).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// An uncompressed point with coordinates padded to `size` bytes (RFC 7518 section 6.2.1.2). The
/// verification of each signature checks that it is on the curve.
fn point(jwk: &Jwk, size: usize) -> Option<DecodingKey> {
    let mut point = vec![0x04];
    for coordinate in [&jwk.x, &jwk.y] {
        let number = number(coordinate.as_deref())?;
        point.resize(point.len() + size.checked_sub(number.len())?, 0);
        point.extend(number);
    }
    Some(DecodingKey::from_ec_der(&point))
}
