use std::process::Command;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

/// A key pair that openssl made: the private key as PKCS#8 and the public key, as PEM.
struct Pair {
    private: String,
    public: String,
}

fn pair(options: &[&str]) -> Pair {
    let private = openssl(&[&["genpkey"], options].concat(), "");
    let public = openssl(&["pkey", "-pubout"], &private);
    Pair { private, public }
}

fn ec(curve: &str) -> Pair {
    pair(&["-algorithm", "EC", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")])
}

fn rsa(bits: u32) -> Pair {
    pair(&["-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}")])
}

fn openssl(arguments: &[&str], input: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in.pem");
    std::fs::write(&file, input).unwrap();
    let mut command = Command::new("openssl");
    command.args(arguments);
    if !input.is_empty() {
        command.arg("-in").arg(&file);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A JWT that the key pair signed.
fn signed(pair: &Pair, algorithm: Algorithm) -> String {
    // The keys of jsonwebtoken are the contents of the PEM document.
    let (_, pem) = parse_x509_pem(pair.private.as_bytes()).unwrap();
    let key = match algorithm {
        Algorithm::RS256 => {
            let inner = openssl(&["rsa", "-traditional"], &pair.private);
            let (_, inner) = parse_x509_pem(inner.as_bytes()).unwrap();
            EncodingKey::from_rsa_der(&inner.contents)
        }
        _ => EncodingKey::from_ec_der(&pem.contents),
    };
    encode(&Header::new(algorithm), &json!({ "sub": "costs" }), &key).unwrap()
}

#[rstest]
#[case::p256(ec("P-256"), Algorithm::ES256, ec("P-256"))]
#[case::rsa_2048(rsa(2_048), Algorithm::RS256, rsa(2_048))]
fn assertion_verifies_with_the_key_that_signed_it_and_no_other(
    #[case] pair: Pair,
    #[case] algorithm: Algorithm,
    #[case] other: Pair,
) {
    let token = signed(&pair, algorithm);
    let (ours, other) =
        (read_client_key(&pair.public).unwrap(), read_client_key(&other.public).unwrap());
    let verified = |keys: &[ClientKey]| JwtAssertions.verified(&token, keys);
    let subject = |claims: Option<Map<String, Value>>| claims.map(|it| it["sub"].clone());
    assert_eq!(subject(verified(&[other.clone(), ours])), Some("costs".into()));
    assert_eq!(verified(&[other]), None);
    assert_eq!(verified(&[]), None);
}

/// The signature covers the header, so the extension is really asked for.
#[test]
fn assertion_that_asks_for_an_extension_is_refused() {
    let pair = ec("P-256");
    let key = read_client_key(&pair.public).unwrap();
    let (_, pem) = parse_x509_pem(pair.private.as_bytes()).unwrap();
    let signing = EncodingKey::from_ec_der(&pem.contents);
    for (extension, accepted) in [
        (r#""typ":"JWT""#, true),
        (r#""crit":["urn:x"],"urn:x":1"#, false),
        (r#""crit":[]"#, false),
        (r#""b64":false"#, false),
        (r#""zip":"DEF""#, false),
    ] {
        let header = encoded(format!(r#"{{"alg":"ES256",{extension}}}"#).as_bytes());
        let message = format!("{header}.{}", encoded(br#"{"sub":"costs"}"#));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &signing, Algorithm::ES256).unwrap();
        let token = format!("{message}.{signature}");
        let verified = JwtAssertions.verified(&token, std::slice::from_ref(&key));
        assert_eq!(verified.is_some(), accepted, "{extension}");
    }
}

/// The header must not choose the algorithm: an HMAC with the public key as its secret is a forgery that
/// worked elsewhere (RFC 8725 section 2.1), as is `none`.
#[test]
fn assertion_of_another_algorithm_is_refused() {
    let pair = ec("P-256");
    let key = read_client_key(&pair.public).unwrap();
    let hmac = EncodingKey::from_secret(pair.public.as_bytes());
    let forged = encode(&Header::new(Algorithm::HS256), &json!({ "sub": "costs" }), &hmac).unwrap();
    assert_eq!(JwtAssertions.verified(&forged, std::slice::from_ref(&key)), None);
    let claims = encoded(br#"{"sub":"costs"}"#);
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"ES256"}"#] {
        for unsigned in [format!("{}.{claims}.", encoded(header.as_bytes())), claims.clone()] {
            assert_eq!(JwtAssertions.verified(&unsigned, std::slice::from_ref(&key)), None);
        }
    }
    let long = signed(&pair, Algorithm::ES256) + &"A".repeat(MAX_LEN);
    assert_eq!(JwtAssertions.verified(&long, &[key]), None);
}

#[test]
fn read_client_key_refuses_by_reason() {
    let read = |text: &str| read_client_key(text).unwrap_err();
    assert_eq!(read(&ec("P-256").private), InvalidClientKey::Private);
    assert_eq!(read("ssh-ed25519 AAAA"), InvalidClientKey::NoPublicKey);
    assert_eq!(read(""), InvalidClientKey::NoPublicKey);
    assert_eq!(read(&ec("P-384").public), InvalidClientKey::Kind);
    assert_eq!(read(&rsa(1_024).public), InvalidClientKey::Kind);
    let public = ec("P-256").public;
    assert_eq!(read(&public.replace("MF", "MG")), InvalidClientKey::Kind);
    assert!(read_client_key(&format!("\n{public}\n")).is_ok());
}
