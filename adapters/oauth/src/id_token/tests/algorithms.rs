//! Signature algorithms and key types.

use super::*;
use crate::algorithms::ACCEPTED;

#[test]
fn accepted_algorithm_verifies_only_with_its_key_type() {
    let signers = Signers::generate();
    let (keys, claims) = (signers.keys(), claims(json!({})));
    for (algorithm, _) in ACCEPTED {
        let key_type = match algorithm {
            "ES256" => "P-256",
            "ES384" => "P-384",
            "EdDSA" => "Ed25519",
            _ => "RSA",
        };
        for kid in ["RSA", "P-256", "P-384", "Ed25519"] {
            let verified = verified(&signers.token(algorithm, kid, &claims), &keys, ISSUER);
            if kid == key_type {
                assert!(verified.is_ok(), "{algorithm}: {verified:?}");
            } else {
                assert_eq!(refused(verified), "id_token_key", "{algorithm} by {kid}");
            }
        }
    }
}

#[test]
fn signature_by_other_algorithm_of_same_key_is_refused() {
    let key = RsaKey::generate();
    for (named, used) in [("RS512", "RS256"), ("RS256", "RS512"), ("PS384", "RS384")] {
        let header = json!({"alg": named, "kid": "1"});
        let token = token_with(&header, &claims(json!({})).to_string(), |m| key.by(used, m));
        let refused = refused(verified(&token, &keys([key.jwk("1")]), ISSUER));
        assert_eq!(refused, "id_token_signature", "{named} by {used}");
    }
}

#[test]
fn at_hash_uses_hash_of_the_signature_algorithm() {
    let signers = Signers::generate();
    // The first halves of SHA-256, SHA-384 and SHA-512 of "access token".
    let halves = [HALF_256, HALF_384, HALF_512];
    for (algorithm, kid, right) in [
        ("RS256", "RSA", HALF_256),
        ("RS384", "RSA", HALF_384),
        ("ES384", "P-384", HALF_384),
        ("PS512", "RSA", HALF_512),
        ("EdDSA", "Ed25519", HALF_512),
    ] {
        for half in halves {
            let token = signers.token(algorithm, kid, &claims(json!({"at_hash": half})));
            let verified = verified(&token, &signers.keys(), ISSUER);
            assert_eq!(verified.is_ok(), half == right, "{algorithm}: {verified:?}");
        }
    }
}

const HALF_256: &str = "DD1GlGu_mcghPdf2xkDtZA";
const HALF_384: &str = "5caMKKvWvKOqt9G9OCD-MYXnTst_1dNp";
const HALF_512: &str = "1n3LNLC7s-85JfghpVQvnzfpfFZ6cHi6Ct-ODr8U0F4";

#[test]
fn algorithm_error_quotes_the_algorithm() {
    let key = RsaKey::generate();
    for (algorithm, shown) in [("ES512", "\"ES512\""), ("a\nb", r#""a\nb""#)] {
        let header = json!({"alg": algorithm, "kid": "1"});
        let token = token_with(&header, &claims(json!({})).to_string(), |_| vec![]);
        let error = verified(&token, &keys([key.jwk("1")]), ISSUER).unwrap_err();
        assert!(error.to_string().contains(shown), "{error}");
    }
}
