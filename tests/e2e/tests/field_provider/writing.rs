//! Deviations from the standards that are accepted because they are harmless.

use portico_e2e::{Browser, Target, world, world_with_plugins};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{assert_signs_in, configuration::Pages, inject, member, restarted, sign_in};

#[rstest]
#[case::expires_in_as_text("expires_in", json!("3599"))]
#[case::expires_in_with_blanks("expires_in", json!(" 3599 "))]
#[case::expires_in_as_float("expires_in", json!(3_599.0))]
#[case::expires_in_as_decimal_text("expires_in", json!("3599.5"))]
#[case::expires_in_empty("expires_in", json!(""))]
#[case::expires_in_null("expires_in", json!(null))]
#[case::expires_in_huge("expires_in", json!(1e18))]
#[case::token_type_in_lower_case("token_type", json!("bearer"))]
#[case::token_type_in_upper_case("token_type", json!("BEARER"))]
#[case::scope_as_list("scope", json!(["openid", "profile"]))]
#[case::scope_null("scope", json!(null))]
#[case::refresh_token_empty("refresh_token", json!(""))]
#[case::refresh_token_null("refresh_token", json!(null))]
#[tokio::test]
async fn token_response_accepts_lenient_expires_in_type_and_scope(
    #[case] name: &str,
    #[case] value: Value,
) {
    let world = world(&[]).await;
    inject(&world, Target::Token, member(name, value.clone()));
    let response = sign_in(&world, "azure").await;
    world.emulator.clear_faults();
    assert!(response.sets_session_cookie(), "{name}: {value}: {response:?}");
}

#[rstest]
#[case::expires_in_as_words("expires_in", json!("soon"))]
#[case::expires_in_negative("expires_in", json!(-1))]
#[case::expires_in_negative_text("expires_in", json!("-1"))]
#[case::expires_in_as_list("expires_in", json!([3_599]))]
#[case::token_type_mac("token_type", json!("mac"))]
#[case::token_type_as_list("token_type", json!(["Bearer"]))]
#[case::scope_as_number("scope", json!(7))]
#[tokio::test]
async fn token_response_with_invalid_expires_in_or_type_is_refused(
    #[case] name: &str,
    #[case] value: Value,
) {
    let world = world(&[]).await;
    inject(&world, Target::Token, member(name, value.clone()));
    let response = sign_in(&world, "azure").await;
    world.emulator.clear_faults();
    assert_eq!(response.code(), "provider_untrue", "{name}: {value}: {response:?}");
}

// The base64 of 256 bytes ends in `==`; `AAAA` are three zero bytes.
#[rstest]
#[case::padded_modulus("n", |n: &str| format!("{n}=="))]
#[case::modulus_with_zeroes("n", |n: &str| format!("AAAA{n}"))]
#[case::padded_modulus_with_zeroes("n", |n: &str| format!("AAAAAAAA{n}=="))]
#[case::padded_exponent_with_zeroes("e", |_: &str| "AAEAAQ==".to_owned())]
#[case::exponent_with_zeroes("e", |_: &str| "AAEAAQ".to_owned())]
#[case::malformed_certificate("x5c", |_: &str| "no certificate".to_owned())]
#[tokio::test]
async fn rsa_key_with_leading_zeroes_or_padding_is_accepted(
    #[case] name: &str,
    #[case] encode: fn(&str) -> String,
) {
    let world = world(&[]).await;
    let url = world.emulator.http_url().join("organizations/discovery/v2.0/keys").unwrap();
    let keys = Browser::default().get(url).await.json();
    let modulus = keys["keys"][0]["n"].as_str().unwrap();
    inject(&world, Target::Keys, member(name, encode(modulus)));
    assert_signs_in(&world, "azure").await;
}

/// The metadata with another issuer.
fn with_issuer(metadata: &Value, issuer: &str) -> Value {
    let mut metadata = metadata.clone();
    metadata["issuer"] = issuer.into();
    metadata
}

#[rstest]
#[case::bom("\u{feff}", "")]
#[case::bom_and_crlf("\u{feff}\r\n", "\r\n")]
#[case::blanks(" \n", " \n\n")]
#[tokio::test]
async fn discovery_document_with_bom_or_blanks_is_accepted(
    #[case] before: &'static str,
    #[case] after: &'static str,
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let root = format!("{}oidc", world.emulator.http_url());
    let at = format!("{root}/.well-known/openid-configuration");
    let metadata = Browser::default().get(at).await.json();
    let pages = Pages::start(move |base, path| match path {
        "/realm/.well-known/openid-configuration" => {
            let document = with_issuer(&metadata, &format!("{base}/realm"));
            Some(("application/json", format!("{before}{document}{after}")))
        }
        _ => None,
    });
    let pages = pages.await;
    let issuer = format!("{}/realm", pages.base);
    let world = restarted(world, "OIDC_ISSUER", &issuer).await;
    let redirect = Browser::default().begin(&world.portico.base, "oidc", "").await;
    assert_eq!(redirect.status, 302, "{redirect:?}");
    assert!(redirect.location().as_str().starts_with(&root), "{redirect:?}");
}
