//! ID tokens, and the faults that can be injected into them.

use serde_json::{Map, Value, json};

use crate::bytes::guid;
use crate::corrupt::with_member;
use crate::faults::FaultKind;
use crate::keys::{Key, UNPUBLISHED_KEY, signed_by, unsigned};
use crate::signing::SigningAlgorithm;

const HOUR: i64 = 3600;

/// An ID token before it is signed.
pub(crate) struct UnsignedIdToken {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    /// Members written before `claims`; a name may occur in both.
    repeated: Vec<(String, Value)>,
    signature: Signature,
}

/// How the token will be signed.
enum Signature {
    Valid,
    None,
    Hs256WithPublicKey,
    Altered,
    UnpublishedKey,
    Algorithm(SigningAlgorithm),
}

impl UnsignedIdToken {
    /// A valid token without faults.
    pub(crate) fn new(key: &Key, claims: Map<String, Value>) -> Self {
        let mut header = Map::new();
        header.insert("typ".to_owned(), "JWT".into());
        header.insert("alg".to_owned(), "RS256".into());
        header.insert("kid".to_owned(), key.kid.as_str().into());
        Self { header, claims, repeated: Vec::new(), signature: Signature::Valid }
    }

    /// Applies the faults in order.
    pub(crate) fn with_faults(mut self, faults: Vec<FaultKind>, now: i64) -> Self {
        for fault in faults {
            self.apply(fault, now);
        }
        self
    }

    fn apply(&mut self, fault: FaultKind, now: i64) {
        match fault {
            FaultKind::WrongIssuer => self.claim("iss", "https://sts.other.example/v2.0"),
            FaultKind::WrongAudience => self.claim("aud", guid()),
            FaultKind::Missing { name } => self.drop_claim(&name),
            FaultKind::Expired => {
                self.claim("iat", now - 2 * HOUR);
                self.claim("nbf", now - 2 * HOUR);
                self.claim("exp", now - HOUR);
            }
            FaultKind::NotYetValid => self.claim("nbf", now + HOUR),
            FaultKind::IatInFuture => self.claim("iat", now + HOUR),
            FaultKind::WrongNonce => self.claim("nonce", guid()),
            FaultKind::NoNonce => self.drop_claim("nonce"),
            FaultKind::WrongTid => self.claim("tid", guid()),
            FaultKind::TidNotGuid => self.rename_tenant("contoso.example"),
            FaultKind::SetClaim { name, value } => self.claim(&name, value),
            FaultKind::RepeatClaim { name, value } => self.repeated.push((name, value)),
            other => self.apply_to_signature(other),
        }
    }

    fn apply_to_signature(&mut self, fault: FaultKind) {
        match fault {
            FaultKind::AlgNone { spelling } => {
                self.header("alg", spelling);
                self.signature = Signature::None;
            }
            FaultKind::Hs256WithPublicKey => {
                self.header("alg", "HS256");
                self.signature = Signature::Hs256WithPublicKey;
            }
            FaultKind::SignedBy { algorithm } => {
                self.header("alg", algorithm.name());
                self.header("kid", algorithm.kid());
                self.signature = Signature::Algorithm(algorithm);
            }
            FaultKind::BadSignature => self.signature = Signature::Altered,
            FaultKind::UnknownKid => self.header("kid", guid()),
            FaultKind::SetHeader { name, value } => self.header(&name, value),
            FaultKind::NoKid => {
                self.header.remove("kid");
            }
            FaultKind::KeyInHeader => {
                self.header("kid", UNPUBLISHED_KEY.kid.as_str());
                self.header("jwk", UNPUBLISHED_KEY.jwk());
                self.signature = Signature::UnpublishedKey;
            }
            _ => {}
        }
    }

    /// Replaces the tenant in `iss` and `tid`.
    fn rename_tenant(&mut self, name: &str) {
        let text = |claims: &Map<String, Value>, name| {
            claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (iss, tid) = (text(&self.claims, "iss"), text(&self.claims, "tid"));
        self.claim("iss", iss.replace(&tid, name));
        self.claim("tid", name);
    }

    fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims.insert(name.to_owned(), value.into());
    }

    fn drop_claim(&mut self, name: &str) {
        self.claims.remove(name);
    }

    fn header(&mut self, name: &str, value: impl Into<Value>) {
        self.header.insert(name.to_owned(), value.into());
    }

    /// Signs the token (JWS compact serialization).
    pub(crate) fn sign(self, key: &Key) -> String {
        let (header, claims) = (json!(self.header).to_string(), json!(self.claims).to_string());
        let claims = self
            .repeated
            .iter()
            .fold(claims, |claims, (name, value)| with_member(&claims, name, value));
        match self.signature {
            Signature::Valid => key.sign(&header, &claims),
            Signature::None => unsigned(&header, &claims),
            Signature::Hs256WithPublicKey => key.sign_hs256_with_public_key(&header, &claims),
            Signature::Altered => altered(&key.sign(&header, &claims)),
            Signature::UnpublishedKey => UNPUBLISHED_KEY.sign(&header, &claims),
            Signature::Algorithm(algorithm) => signed_by(algorithm, &header, &claims),
        }
    }
}

/// The token with the first character of its signature changed.
fn altered(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{input}.{other}{}", signature.get(1..).unwrap_or_default())
}
