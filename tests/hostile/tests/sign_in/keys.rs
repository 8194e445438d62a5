//! Algorithms, keys and signatures: rows 12, 13 and 14.

use portico_e2e::{Browser, Emulator, FaultKind, Options, Target, personas};
use serde_json::{Value, json};

use crate::siege::{Siege, Visitor, header, member, untrue};

/// The published keys.
async fn published(siege: &Siege) -> Vec<Value> {
    let url = siege.emulator().http_url().join("organizations/discovery/v2.0/keys").unwrap();
    Browser::default().get(url).await.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn no_algorithm_in_any_spelling_and_none_but_the_sound_ones_is_accepted() {
    let siege = Siege::lay(&[]).await;
    let check = untrue("id_token_algorithm");
    for spelling in
        ["none", "None", "NONE", "nOnE", "NoNe", "none ", " none", "none\0", "", "null", "ＮＯＮＥ"]
    {
        siege.lied(&[FaultKind::AlgNone { spelling: spelling.into() }], check).await;
    }
    siege.lied(&[FaultKind::Hs256WithPublicKey], check).await;
    for spelling in ["HS256", "hs256", "HS384", "HS512"] {
        let lies = [FaultKind::Hs256WithPublicKey, header("alg", spelling)];
        siege.lied(&lies, check).await;
    }
    // The signature is good in all of these.
    for algorithm in [
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "RS1",
        "ES512",
        "ES256K",
        "Ed25519",
        "dir",
        "A128KW",
        "RSA-OAEP",
        "RS256,none",
    ] {
        siege.lied(&[header("alg", algorithm)], check).await;
    }
    // These are accepted from whoever signs so, and this token is signed by RS256.
    for (algorithm, check) in [
        ("RS384", "id_token_signature"),
        ("RS512", "id_token_signature"),
        ("PS384", "id_token_signature"),
        ("PS512", "id_token_signature"),
        ("ES384", "id_token_key"),
        ("EdDSA", "id_token_key"),
    ] {
        siege.lied(&[header("alg", algorithm)], untrue(check)).await;
    }
    for nonsense in [json!(null), json!(7), json!(["RS256"]), json!({ "RS256": true })] {
        siege.lied(&[header("alg", nonsense)], untrue("id_token_unreadable")).await;
    }
}

#[tokio::test]
async fn a_signature_that_is_not_the_named_keys_is_refused() {
    let siege = Siege::lay(&[]).await;
    let signature = untrue("id_token_signature");
    siege.lied(&[FaultKind::BadSignature], signature).await;
    siege.lied(&[header("alg", "PS256")], signature).await;
    siege.lied(&[header("alg", "ES256")], untrue("id_token_key")).await;
    let keys = published(&siege).await;
    let other = keys[1]["kid"].as_str().unwrap();
    siege.lied(&[header("kid", other)], signature).await;
    siege.lied(&[FaultKind::UnknownKid], untrue("id_token_key")).await;
    for name in ["", " ", "*", "../../../../dev/null", "' OR ''='", "0", &other.to_lowercase()] {
        siege.lied(&[header("kid", name)], untrue("id_token_key")).await;
    }
    for nonsense in [json!(7), json!([other]), json!({ "kid": other }), json!(true)] {
        siege.lied(&[header("kid", nonsense)], untrue("id_token_unreadable")).await;
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_or_points_at_is_neither_used_nor_fetched() {
    let siege = Siege::lay(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    let there = evil.http_url().join("common/discovery/v2.0/keys").unwrap();
    let honest = published(&siege).await[0]["kid"].clone();
    siege.lied(&[FaultKind::KeyInHeader], untrue("id_token_key")).await;
    siege.lied(&[FaultKind::KeyInHeader, header("kid", json!(null))], untrue("id_token_key")).await;
    let pointers = || {
        let at = there.as_str();
        [("jku", json!(at)), ("x5u", json!(at)), ("x5c", json!(["AAAA"])), ("jku", json!([at]))]
    };
    for (name, value) in pointers() {
        let lies = [FaultKind::KeyInHeader, header(name, value)];
        siege.lied(&lies, untrue("id_token_key")).await;
        let named = [&lies[..], &[header("kid", honest.clone())]].concat();
        siege.lied(&named, untrue("id_token_signature")).await;
    }
    for (name, value) in pointers() {
        siege.accepted(&[header(name, value)]).await;
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}

#[tokio::test]
async fn an_extension_or_a_token_for_another_purpose_is_refused() {
    let siege = Siege::lay(&[]).await;
    for critical in [json!(["exp"]), json!(["b64"]), json!([]), json!("b64"), json!({}), json!(7)] {
        siege.lied(&[header("crit", critical)], untrue("id_token_critical")).await;
    }
    let unencoded = [header("crit", json!(["b64"])), header("b64", false)];
    siege.lied(&unencoded, untrue("id_token_critical")).await;
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt"]
    {
        siege.lied(&[header("typ", typ)], untrue("id_token_type")).await;
    }
    for nonsense in [json!(7), json!(["JWT"]), json!({})] {
        siege.lied(&[header("typ", nonsense)], untrue("id_token_unreadable")).await;
    }
    for harmless in [json!("jwt"), json!("application/jwt"), json!(null)] {
        siege.accepted(&[header("typ", harmless)]).await;
    }
}

#[tokio::test]
async fn a_token_that_names_no_key_is_refused_beside_several_and_accepted_beside_one() {
    let several = Siege::lay(&[]).await;
    several.lied(&[FaultKind::NoKid], untrue("id_token_key")).await;
    several.lied(&[header("kid", json!(null))], untrue("id_token_key")).await;

    let nameless = Siege::lay(&[]).await;
    nameless.tell(Target::Keys, &[member("kid", json!(null))]);
    nameless.lied(&[FaultKind::NoKid], untrue("id_token_key")).await;

    let one = Siege::lay(&[]).await;
    one.tell(Target::Keys, &[FaultKind::OneKey]);
    one.accepted(&[FaultKind::NoKid]).await;
    one.lied(&[FaultKind::NoKid, FaultKind::BadSignature], untrue("id_token_signature")).await;
}

#[tokio::test]
async fn keys_for_another_use_or_another_issuer_verify_nothing() {
    for (lie, check) in [
        (member("use", "enc"), "id_token_key"),
        (member("alg", "HS256"), "id_token_key"),
        (member("alg", "none"), "id_token_key"),
        (member("alg", "RSA-OAEP"), "id_token_key"),
        (member("kty", "oct"), "id_token_key"),
        (member("kty", "EC"), "id_token_key"),
        (member("n", "AQAB"), "id_token_"),
        (member("kid", 7), "id_token_key"),
        (FaultKind::OtherKeyIssuer, "id_token_key_issuer"),
    ] {
        let siege = Siege::lay(&[]).await;
        siege.tell(Target::Keys, &[lie]);
        siege.lied(&[], untrue(check)).await;
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_fetches_the_keys_once() {
    let siege = Siege::lay(&[]).await;
    let mut visitor = Visitor::signed_in(&siege, personas::ZOFIA.user_name).await;
    visitor.browser.post(&format!("{}/api/logout", siege.base()), siege.base()).await;
    siege.emulator().clear_requests();
    for _ in 0..25 {
        siege.lied(&[FaultKind::UnknownKid], untrue("id_token_key")).await;
    }
    let requests = siege.emulator().requests();
    let fetched = requests.iter().filter(|request| request.path.ends_with("/keys")).count();
    assert_eq!(fetched, 1);
}
