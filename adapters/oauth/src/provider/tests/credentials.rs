//! Client authentication by keys, certificates and federated tokens, and credentials that are replaced.

use std::{
    sync::atomic::AtomicUsize,
    time::{Duration, SystemTime},
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PSS_2048_8192_SHA256, VerificationAlgorithm,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::time::Timestamp;
use portico_emulator::{ClientKey, RegisteredCredential};
use rstest::rstest;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject};

use super::*;
use crate::client::check_credential;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DAY: Duration = Duration::from_secs(24 * 3_600);

impl Fixture {
    /// A fixture whose client has this credential, and reads this one again when it is refused.
    async fn with_credential(credential: ClientCredential, read: ReadCredential) -> Self {
        let mut fixture = Self::new().await;
        let provider = OpenIdProvider::new(http(), fixture.clock.clone(), "portico", None);
        fixture.provider = Arc::new(provider.with_credential(&credential, read).unwrap());
        fixture
    }

    async fn fixed(credential: ClientCredential) -> Self {
        Self::with_credential(credential, Arc::new(|| None)).await
    }

    /// Answers `invalid_client` to every request without this text in its form.
    fn accept_only(&self, field: &'static str, accepted: &'static str) {
        let (entra, key) = (self.entra.clone(), self.key.clone());
        self.respond("/token", move |request| {
            if request.field(field).as_deref() == Some(accepted) {
                let base = format!("http://{}", request.headers["host"].to_str().unwrap());
                return Answer::json(entra.token(&key, &base, request));
            }
            let body = json!({"error": "invalid_client", "error_description": request.body});
            Answer::error(401, body)
        });
    }
}

fn secret(text: &str) -> ClientCredential {
    ClientCredential::Secret(ClientSecret::new(text))
}

fn private_key(key: &ClientKey) -> ClientCredential {
    ClientCredential::PrivateKey(ClientSecret::new(key.pem.as_str()))
}

fn certificate(key: &ClientKey) -> ClientCredential {
    ClientCredential::Certificate(ClientSecret::new(key.pem.as_str()))
}

/// Header and claims of the assertion of this request, whose signature is that of the registered key.
fn assertion(request: &Received, registered: &RegisteredCredential) -> (Value, Value) {
    assert_eq!(request.field("client_assertion_type").as_deref(), Some(JWT_BEARER));
    assert_eq!(request.field("client_secret"), None);
    assert!(!request.headers.contains_key("authorization"));
    let assertion = request.field("client_assertion").unwrap();
    let (input, signature) = assertion.rsplit_once('.').unwrap();
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let json = |part| serde_json::from_slice::<Value>(&decode(part)).unwrap();
    let (header, claims) = (json(header), json(claims));
    let algorithm: &'static dyn VerificationAlgorithm = match header["alg"].as_str().unwrap() {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        _ => &ECDSA_P256_SHA256_FIXED,
    };
    if let RegisteredCredential::PublicKey(pem) = registered {
        let key = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).unwrap();
        let key = ParsedPublicKey::new(algorithm, &key).unwrap();
        key.verify_sig(input.as_bytes(), &decode(signature)).unwrap();
    }
    (header, claims)
}

#[rstest]
#[case::rsa(ClientKey::rsa().unwrap(), "RS256")]
#[case::p256(ClientKey::p256().unwrap(), "ES256")]
#[tokio::test]
async fn private_key_signs_an_assertion_for_the_issuer_per_request(
    #[case] key: ClientKey,
    #[case] algorithm: &str,
) {
    let fixture = Fixture::fixed(private_key(&key)).await;
    fixture.redeem().await.unwrap();
    fixture.provider.refresh(&fixture.sign_in, &RefreshToken::new("old"), &[]).await.unwrap();
    fixture.application_token().await.unwrap();
    let issuer = fixture.server.at("/7f7a0000-0000-4000-8000-00000000000a/v2.0").to_string();
    let mut ids = Vec::new();
    let sent = fixture.server.received("/token");
    assert_eq!(sent.len(), 3);
    for request in &sent {
        assert_eq!(request.field("client_id").as_deref(), Some("portico"));
        let (header, mut claims) = assertion(request, &key.registration);
        assert_eq!(header, json!({"alg": algorithm, "typ": "JWT"}));
        ids.push(claims["jti"].take());
        let expected = json!({
            "iss": "portico", "sub": "portico", "aud": issuer, "jti": null,
            "iat": NOW - 30, "nbf": NOW - 30, "exp": NOW + 300,
        });
        assert_eq!(claims, expected);
    }
    assert!(ids.iter().all(|id| id.as_str().unwrap().len() == 22));
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn certificate_signs_by_ps256_with_its_thumbprint_for_the_token_endpoint() {
    let key = ClientKey::certificate(SystemTime::now() + DAY).unwrap();
    let fixture = Fixture::fixed(certificate(&key)).await;
    fixture.redeem().await.unwrap();
    let RegisteredCredential::Certificate(pem) = &key.registration else { panic!() };
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &der));
    let (header, claims) = assertion(&fixture.server.received("/token")[0], &key.registration);
    assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}));
    assert_eq!(claims["aud"], fixture.server.at("/token").as_str());
}

#[tokio::test]
async fn federated_token_is_sent_as_it_is() {
    let token = ClientCredential::FederatedToken(ClientSecret::new("ey.workload.token"));
    let fixture = Fixture::fixed(token).await;
    fixture.redeem().await.unwrap();
    let sent = &fixture.server.received("/token")[0];
    assert_eq!(sent.field("client_assertion").as_deref(), Some("ey.workload.token"));
    assert_eq!(sent.field("client_assertion_type").as_deref(), Some(JWT_BEARER));
}

#[rstest]
#[case::key(private_key(&ClientKey::p256().unwrap()))]
#[case::federated_token(ClientCredential::FederatedToken(ClientSecret::new("ey.workload.token")))]
#[tokio::test]
async fn refused_assertion_is_in_no_error(#[case] credential: ClientCredential) {
    let fixture = Fixture::fixed(credential).await;
    fixture.accept_only("client_id", "nobody");
    let error = fixture.redeem().await.unwrap_err();
    let sent = fixture.server.received("/token")[0].field("client_assertion").unwrap();
    assert!(error.to_string().contains("(removed)"), "{error}");
    for secret in ["the-code", "the-verifier", &sent] {
        assert!(!error.to_string().contains(secret), "{error}");
    }
}

#[tokio::test]
async fn assertion_is_not_sent_to_an_endpoint_that_announces_other_methods_alone() {
    let fixture = Fixture::fixed(private_key(&ClientKey::p256().unwrap())).await;
    fixture.respond(DISCOVERY, |request| {
        let base = format!("http://{}", request.headers["host"].to_str().unwrap());
        let mut document = discovery(&base);
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        Answer::json(document)
    });
    assert_eq!(code(fixture.authorization().await), "client_authentication");
    assert_eq!(code(fixture.redeem().await), "client_authentication");
    assert_eq!(fixture.server.count("/token"), 0);
}

#[tokio::test]
async fn refused_credential_is_read_again_and_the_request_repeated_once() {
    let fixture = Fixture::with_credential(secret("old"), Arc::new(|| Some(secret("new")))).await;
    fixture.accept_only("client_secret", "new");
    fixture.redeem().await.unwrap();
    let sent = fixture.server.received("/token");
    let secrets: Vec<_> = sent.iter().map(|it| it.field("client_secret").unwrap()).collect();
    assert_eq!(secrets, ["old", "new"]);
    let codes: Vec<_> = sent.iter().map(|it| it.field("code").unwrap()).collect();
    assert_eq!(codes, ["the-code", "the-code"]);
    // From then on the new one is sent first.
    fixture.application_token().await.unwrap();
    assert_eq!(fixture.server.count("/token"), 3);
}

#[rstest]
#[case::unchanged(Some(secret("old")), 1)]
#[case::unreadable(None, 1)]
#[case::another_wrong_one(Some(secret("wrong")), 2)]
#[case::half_a_key(Some(ClientCredential::PrivateKey(ClientSecret::new("-----BEGIN PRI"))), 1)]
#[tokio::test]
async fn refused_request_is_sent_again_only_with_another_credential(
    #[case] read: Option<ClientCredential>,
    #[case] sent: usize,
) {
    let fixture = Fixture::with_credential(secret("old"), Arc::new(move || read.clone())).await;
    fixture.accept_only("client_secret", "right");
    assert_eq!(code(fixture.redeem().await), "refused");
    assert_eq!(fixture.server.count("/token"), sent);
}

/// Reads this secret, and counts the reads.
fn counted_reads_of(text: &'static str) -> (Arc<AtomicUsize>, ReadCredential) {
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = reads.clone();
    let read = move || {
        counted.fetch_add(1, SeqCst);
        Some(secret(text))
    };
    (reads, Arc::new(read))
}

#[tokio::test]
async fn other_errors_neither_read_the_credential_nor_repeat_the_code() {
    let (reads, read) = counted_reads_of("new");
    let fixture = Fixture::with_credential(secret("old"), read).await;
    for fault in ["invalid_grant", "unauthorized_client", "invalid_request", "server_error"] {
        fixture.respond("/token", move |_| Answer::error(400, json!({"error": fault})));
        fixture.redeem().await.unwrap_err();
    }
    assert_eq!((fixture.server.count("/token"), reads.load(SeqCst)), (4, 0));
}

#[tokio::test]
async fn concurrent_refused_requests_read_the_credential_once() {
    let (reads, read) = counted_reads_of("new");
    let fixture = Fixture::with_credential(secret("old"), read).await;
    fixture.accept_only("client_secret", "new");
    let logins = (0..20).map(|_| fixture.redeem());
    for login in futures_util::future::join_all(logins).await {
        login.unwrap();
    }
    assert_eq!(reads.load(SeqCst), 1);
}

fn without(text: &str, kind: &str) -> String {
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----\n"));
    let (before, rest) = text.split_once(&begin).unwrap();
    format!("{before}{}", rest.split_once(&end).map_or("", |(_, after)| after))
}

#[test]
fn check_credential_accepts_keys_and_certificates() {
    let now = Timestamp::from_unix_seconds(
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(),
    );
    let key = ClientKey::certificate(SystemTime::now() + DAY).unwrap();
    let other = ClientKey::certificate(SystemTime::now() + DAY).unwrap();
    let chain = format!("{}{}", without(&other.pem, "PRIVATE KEY"), key.pem);
    let chain = ClientCredential::Certificate(ClientSecret::new(chain));
    for credential in [
        private_key(&ClientKey::rsa().unwrap()),
        private_key(&ClientKey::p256().unwrap()),
        certificate(&key),
        chain,
        secret("anything"),
        ClientCredential::Public,
    ] {
        assert_eq!(check_credential(&credential, now), Ok(()), "{credential:?}");
    }
}

#[test]
fn check_credential_names_the_fault_and_quotes_nothing() {
    let now = Timestamp::from_unix_seconds(
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(),
    );
    let [valid, other] = [(); 2].map(|()| ClientKey::certificate(SystemTime::now() + DAY).unwrap());
    let expired = ClientKey::certificate(SystemTime::now() - DAY).unwrap();
    let curve = ClientKey::p256().unwrap();
    let mixed =
        format!("{}{}", without(&valid.pem, "PRIVATE KEY"), without(&other.pem, "CERTIFICATE"));
    let encrypted = valid.pem.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE");
    let half = &valid.pem[..valid.pem.len() / 2];
    for (pem, fault) in [
        (expired.pem.as_str(), "its certificate expired at"),
        (&mixed, "its private key is not that of its certificate"),
        (&without(&valid.pem, "CERTIFICATE"), "it has no certificate"),
        (&without(&valid.pem, "PRIVATE KEY"), "it has no private key in PEM"),
        (&encrypted, "its key is encrypted"),
        (&curve.pem, "its key is an elliptic curve's"),
        (&format!("{}{}", valid.pem, other.pem), "it has several private keys"),
        (half, "it"),
        ("", "it has no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "its key is damaged"),
        ("-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n", "it is not whole"),
    ] {
        let credential = ClientCredential::Certificate(ClientSecret::new(pem));
        let error = check_credential(&credential, now).unwrap_err().to_string();
        assert!(error.starts_with(fault), "{error}");
        let lines = pem.lines().filter(|line| line.len() > 40);
        assert!(lines.into_iter().all(|line| !error.contains(line)), "{error}");
    }
}
