//! ID tokens, and every way on request in which one can be wrong.

use serde_json::{Map, Value, json};

use crate::bytes::guid;
use crate::corrupt::with_member;
use crate::faults::FaultKind;
use crate::keys::{Key, STRANGER, signed_by, unsigned};
use crate::signing::SigningAlgorithm;

const HOUR: i64 = 3600;

/// An ID token not yet signed.
pub(crate) struct Draft {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    /// Claims that stand in front of those, whatever their names.
    repeated: Vec<(String, Value)>,
    signature: Signature,
}

/// How it will be signed.
enum Signature {
    Right,
    None,
    Hs256WithPublicKey,
    Altered,
    Stranger,
    By(SigningAlgorithm),
}

impl Draft {
    /// An honest one.
    pub(crate) fn new(key: &Key, claims: Map<String, Value>) -> Self {
        let mut header = Map::new();
        header.insert("typ".to_owned(), "JWT".into());
        header.insert("alg".to_owned(), "RS256".into());
        header.insert("kid".to_owned(), key.kid.as_str().into());
        Self { header, claims, repeated: Vec::new(), signature: Signature::Right }
    }

    /// With every lie told in it, in order.
    pub(crate) fn with_lies(mut self, lies: Vec<FaultKind>, now: i64) -> Self {
        for lie in lies {
            self.tell(lie, now);
        }
        self
    }

    fn tell(&mut self, lie: FaultKind, now: i64) {
        match lie {
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
            other => self.tell_about_signature(other),
        }
    }

    fn tell_about_signature(&mut self, lie: FaultKind) {
        match lie {
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
                self.signature = Signature::By(algorithm);
            }
            FaultKind::BadSignature => self.signature = Signature::Altered,
            FaultKind::UnknownKid => self.header("kid", guid()),
            FaultKind::SetHeader { name, value } => self.header(&name, value),
            FaultKind::NoKid => {
                self.header.remove("kid");
            }
            FaultKind::KeyInHeader => {
                self.header("kid", STRANGER.kid.as_str());
                self.header("jwk", STRANGER.jwk());
                self.signature = Signature::Stranger;
            }
            _ => {}
        }
    }

    /// In both claims that name it.
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

    /// The token.
    pub(crate) fn sign(self, key: &Key) -> String {
        let (header, claims) = (json!(self.header).to_string(), json!(self.claims).to_string());
        let claims = self
            .repeated
            .iter()
            .fold(claims, |claims, (name, value)| with_member(&claims, name, value));
        match self.signature {
            Signature::Right => key.sign(&header, &claims),
            Signature::None => unsigned(&header, &claims),
            Signature::Hs256WithPublicKey => key.sign_hs256_with_public_key(&header, &claims),
            Signature::Altered => altered(&key.sign(&header, &claims)),
            Signature::Stranger => STRANGER.sign(&header, &claims),
            Signature::By(algorithm) => signed_by(algorithm, &header, &claims),
        }
    }
}

/// The same token with another first letter in its signature.
fn altered(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{input}.{other}{}", signature.get(1..).unwrap_or_default())
}
