//! A provider's keys (RFC 7517), parsed once when they are fetched.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::id_token::accepted;

/// Base64url with or without padding: RFC 7515 section 2 leaves it away, and some servers do not.
/// Nobody gains by it: the bytes of the key are the same.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
    /// The one it names is not for this algorithm of its.
    WrongKeyType(Algorithm),
}

impl KeySet {
    /// Reads the keys, and passes over what is not for signatures or not known.
    pub(crate) fn read(document: Document) -> Self {
        // An array would be read too, by position.
        let objects = document.keys.into_iter().filter(Value::is_object);
        let jwks = objects.filter_map(|key| serde_json::from_value(key).ok());
        Self(jwks.filter_map(Key::read).collect())
    }

    /// Whether no key can be used.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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

/// The key, and the algorithms that its type may be used with: those of its own family and, on a
/// curve, of that curve's size (RFC 7518 sections 3.3 to 3.5, RFC 8037 section 3.1).
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

/// A number of a key without zeroes in front: RFC 7518 section 2 has none there, and programs that
/// write signed numbers do. Nobody gains by it: it is the same number.
fn number(text: Option<&str>) -> Option<Vec<u8>> {
    let bytes = BASE64_URL.decode(text?).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// The point on a curve whose coordinates have so many bytes, in zeroes where they are shorter (RFC
/// 7518 section 6.2.1.2). Whether it is on the curve is checked with each signature.
fn point(jwk: &Jwk, size: usize) -> Option<DecodingKey> {
    let mut point = vec![0x04];
    for coordinate in [&jwk.x, &jwk.y] {
        let number = number(coordinate.as_deref())?;
        point.resize(point.len() + size.checked_sub(number.len())?, 0);
        point.extend(number);
    }
    Some(DecodingKey::from_ec_der(&point))
}
