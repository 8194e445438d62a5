//! Client assertions: certificates and workload tokens at Entra ID, keys at the `oidc` cloud.

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use portico_emulator::personas::{APPLICATION, CONTOSO, ZOFIA};
use portico_emulator::{ClientKey, Cloud, RegisteredCredential, WorkloadIssuer};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Fields, RelyingParty, assert_refused, fields};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The bytes of the first section of this kind.
fn der(pem: &str, kind: &str) -> Vec<u8> {
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let body = pem.split_once(&begin).unwrap().1.split_once(&end).unwrap().0;
    BASE64_STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    since.as_secs().cast_signed()
}

/// Signs with the private key of a PEM.
fn signed(pem: &str, header: &Value, claims: &Value) -> String {
    let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let input = format!("{}.{}", part(header), part(claims));
    let (key, random) = (der(pem, "PRIVATE KEY"), SystemRandom::new());
    let rsa = |encoding| {
        let key = RsaKeyPair::from_pkcs8(&key).unwrap();
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(encoding, &random, input.as_bytes(), &mut signature).unwrap();
        signature
    };
    let signature = match header["alg"].as_str().unwrap() {
        "PS256" => rsa(&RSA_PSS_SHA256),
        "RS256" => rsa(&RSA_PKCS1_SHA256),
        _ => {
            let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key).unwrap();
            key.sign(&random, input.as_bytes()).unwrap().as_ref().to_vec()
        }
    };
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Header and claims of a correct assertion by a certificate.
fn correct(rp: &RelyingParty, key: &ClientKey) -> (Value, Value) {
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(der(&key.pem, "CERTIFICATE")));
    let id = APPLICATION.client_id;
    let claims = json!({
        "iss": id, "sub": id, "aud": rp.url(&format!("{}/oauth2/v2.0/token", CONTOSO.id)),
        "jti": "one", "nbf": now() - 30, "exp": now() + 300,
    });
    (json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint }), claims)
}

fn request(rp: &RelyingParty, assertion: &str) -> Fields {
    fields([
        ("grant_type", "client_credentials"),
        ("client_id", APPLICATION.client_id),
        ("scope", &rp.arm(".default")),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ])
}

async fn with_certificate() -> (RelyingParty, ClientKey) {
    let rp = RelyingParty::new().await;
    let key = ClientKey::certificate(SystemTime::now() + DAY).unwrap();
    rp.emulator.register(None, vec![key.registration.clone()]);
    (rp, key)
}

#[rstest]
#[case::ps256("PS256")]
#[case::rs256("RS256")]
#[tokio::test]
async fn certificate_assertion_is_accepted_once(#[case] algorithm: &str) {
    let (rp, key) = with_certificate().await;
    let (mut header, claims) = correct(&rp, &key);
    header["alg"] = algorithm.into();
    let form = request(&rp, &signed(&key.pem, &header, &claims));
    assert_eq!(rp.token(CONTOSO.id, &form).await.0, 200);
    assert_refused(&rp.token(CONTOSO.id, &form).await, 401, "invalid_client", 50_013);
}

#[rstest]
#[case::other_audience("aud", json!("https://other.example/token"), 700_023)]
#[case::list_of_audiences("aud", json!(["https://other.example/token"]), 700_023)]
#[case::other_issuer("iss", json!("other"), 700_021)]
#[case::other_subject("sub", json!("other"), 700_021)]
#[case::expired("exp", json!(now() - 1), 700_024)]
#[case::not_yet_valid("nbf", json!(now() + 60), 700_024)]
#[case::valid_for_an_hour("exp", json!(now() + 3_600), 700_024)]
#[case::without_id("jti", json!(null), 50_013)]
#[case::other_thumbprint("x5t#S256", json!("AAAA"), 700_027)]
#[tokio::test]
async fn faulty_certificate_assertion_is_refused(
    #[case] name: &str,
    #[case] value: Value,
    #[case] number: u32,
) {
    let (rp, key) = with_certificate().await;
    let (mut header, mut claims) = correct(&rp, &key);
    let part = if name == "x5t#S256" { &mut header } else { &mut claims };
    part[name] = value;
    let form = request(&rp, &signed(&key.pem, &header, &claims));
    assert_refused(&rp.token(CONTOSO.id, &form).await, 401, "invalid_client", number);
}

#[tokio::test]
async fn assertion_of_another_key_or_an_expired_certificate_is_refused() {
    let (rp, key) = with_certificate().await;
    let (header, claims) = correct(&rp, &key);
    let other = ClientKey::rsa().unwrap();
    let form = request(&rp, &signed(&other.pem, &header, &claims));
    assert_refused(&rp.token(CONTOSO.id, &form).await, 401, "invalid_client", 700_027);

    let expired = ClientKey::certificate(SystemTime::now() - DAY).unwrap();
    rp.emulator.register(None, vec![expired.registration.clone()]);
    let (header, claims) = correct(&rp, &expired);
    let form = request(&rp, &signed(&expired.pem, &header, &claims));
    assert_refused(&rp.token(CONTOSO.id, &form).await, 401, "invalid_client", 700_027);
}

#[tokio::test]
async fn workload_token_is_accepted_repeatedly_until_it_expires() {
    let rp = RelyingParty::new().await;
    let workload = WorkloadIssuer::new("https://cluster.example", "portico").unwrap();
    rp.emulator.register(None, vec![workload.registration()]);
    let form = request(&rp, &workload.token(60));
    for _ in 0..2 {
        assert_eq!(rp.token(CONTOSO.id, &form).await.0, 200);
    }
    let other = WorkloadIssuer::new("https://cluster.example", "portico").unwrap();
    let others_subject = WorkloadIssuer::new("https://cluster.example", "other").unwrap();
    for (token, number) in [
        (workload.token(-1), 700_024),
        (workload.token_for("https://other.example", 60), 700_023),
        (other.token(60), 700_027),
        (others_subject.token(60), 700_027),
        ("not.a.token".to_owned(), 50_027),
    ] {
        let refused = rp.token(CONTOSO.id, &request(&rp, &token)).await;
        assert_refused(&refused, 401, "invalid_client", number);
    }
}

#[tokio::test]
async fn replaced_secrets_are_accepted_while_they_are_registered() {
    let rp = RelyingParty::new().await;
    let secret = |text: &str| RegisteredCredential::Secret(text.to_owned());
    let with = |text: &str| {
        let mut form = request(&rp, "");
        form.insert("client_secret".to_owned(), text.to_owned());
        form
    };
    rp.emulator.register(None, vec![secret("old"), secret("new")]);
    for text in ["old", "new"] {
        assert_eq!(rp.token(CONTOSO.id, &with(text)).await.0, 200);
    }
    rp.emulator.register(None, vec![secret("new")]);
    let refused = rp.token(CONTOSO.id, &with("old")).await;
    assert_refused(&refused, 401, "invalid_client", 7_000_215);
}

#[rstest]
#[case::rsa(ClientKey::rsa().unwrap(), "RS256")]
#[case::p256(ClientKey::p256().unwrap(), "ES256")]
#[tokio::test]
async fn oidc_cloud_accepts_assertion_for_its_issuer_alone(
    #[case] key: ClientKey,
    #[case] algorithm: &str,
) {
    let rp = RelyingParty::new().await;
    let oidc = Cloud::Oidc;
    rp.emulator.register(Some(oidc), vec![key.registration.clone()]);
    let issuer = rp.url("oidc").to_string();
    let token = format!("{issuer}/token");
    for (audience, id, expected) in
        [(&issuer, "1", 200), (&issuer, "1", 401), (&token, "2", 401), (&issuer, "3", 200)]
    {
        let client = oidc.client().client_id;
        let claims = json!({
            "iss": client, "sub": client, "aud": audience, "jti": id, "exp": now() + 60,
        });
        let assertion = signed(&key.pem, &json!({ "alg": algorithm }), &claims);
        let code = rp.cloud_code(oidc, &ZOFIA).await;
        let mut form = crate::clouds::support::code_request(oidc, &code);
        form.remove("client_secret");
        form.insert("client_assertion_type".to_owned(), JWT_BEARER.to_owned());
        form.insert("client_assertion".to_owned(), assertion);
        let response = rp.cloud_token_request(oidc, &form).send().await.unwrap();
        assert_eq!(response.status(), expected, "{audience} {id}");
    }
}

#[tokio::test]
async fn oidc_cloud_takes_a_pushed_request_once_if_it_requires_one() {
    let rp = RelyingParty::new().await;
    rp.emulator.require_pushed_requests(true);
    let request = rp.cloud_request(Cloud::Oidc, &ZOFIA);
    let authorize = |query: Fields| rp.http.get(rp.url("oidc/authorize")).query(&query).send();
    assert_eq!(authorize(request.clone()).await.unwrap().status(), 400);

    let push = |secret: &str| {
        let mut form = request.clone();
        form.insert("client_secret".to_owned(), secret.to_owned());
        rp.http.post(rp.url("oidc/par")).form(&form).send()
    };
    assert_eq!(push("wrong").await.unwrap().status(), 401);
    let response = push(Cloud::Oidc.client().client_secret).await.unwrap();
    assert_eq!(response.status(), 201);
    let pushed: Value = response.json().await.unwrap();
    let uri = pushed["request_uri"].as_str().unwrap();
    let brought = fields([("client_id", Cloud::Oidc.client().client_id), ("request_uri", uri)]);
    let response = authorize(brought.clone()).await.unwrap();
    assert!(response.headers()["location"].to_str().unwrap().contains("code="));
    assert_eq!(authorize(brought).await.unwrap().status(), 400);
}
