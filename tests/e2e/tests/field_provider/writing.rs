//! What providers write otherwise than the standards have it, where nobody gains by reading it.

use portico_e2e::{Browser, Target, world, world_of};
use serde_json::{Value, json};

use crate::{assert_signs_in, configuration::Pages, member, restarted, sign_in, tell};

#[tokio::test]
async fn token_response_accepts_lenient_expires_in_type_and_scope() {
    let world = world(&[]).await;
    for (name, value) in [
        ("expires_in", json!("3599")),
        ("expires_in", json!(" 3599 ")),
        ("expires_in", json!(3_599.0)),
        ("expires_in", json!("3599.5")),
        ("expires_in", json!("")),
        ("expires_in", json!(null)),
        ("expires_in", json!(1e18)),
        ("token_type", json!("bearer")),
        ("token_type", json!("BEARER")),
        ("scope", json!(["openid", "profile"])),
        ("scope", json!(null)),
        ("refresh_token", json!("")),
        ("refresh_token", json!(null)),
    ] {
        tell(&world, Target::Token, member(name, value.clone()));
        let response = sign_in(&world, "azure").await;
        world.emulator.clear_faults();
        assert!(response.gives_a_session(), "{name}: {value}: {response:?}");
    }
}

#[tokio::test]
async fn token_response_with_invalid_expires_in_or_type_is_refused() {
    let world = world(&[]).await;
    for (name, value) in [
        ("expires_in", json!("soon")),
        ("expires_in", json!(-1)),
        ("expires_in", json!("-1")),
        ("expires_in", json!([3_599])),
        ("token_type", json!("mac")),
        ("token_type", json!(["Bearer"])),
        ("scope", json!(7)),
    ] {
        tell(&world, Target::Token, member(name, value.clone()));
        let response = sign_in(&world, "azure").await;
        world.emulator.clear_faults();
        assert_eq!(response.code(), "provider_untrue", "{name}: {value}: {response:?}");
    }
}

#[tokio::test]
async fn rsa_key_with_leading_zeroes_or_padding_is_accepted() {
    // 256 bytes have two signs of padding; AAAA are three bytes of zeroes.
    // The keys are kept for an hour, so each writing meets a Portico of its own.
    for (name, writing) in [
        ("n", (|n: &str| format!("{n}==")) as fn(&str) -> String),
        ("n", |n| format!("AAAA{n}")),
        ("n", |n| format!("AAAAAAAA{n}==")),
        ("e", |_| "AAEAAQ==".to_owned()),
        ("e", |_| "AAEAAQ".to_owned()),
        ("x5c", |_| "no certificate".to_owned()),
    ] {
        let world = world(&[]).await;
        let url = world.emulator.http_url().join("organizations/discovery/v2.0/keys").unwrap();
        let keys = Browser::default().get(url).await.json();
        let signing = keys["keys"][0]["n"].as_str().unwrap();
        tell(&world, Target::Keys, member(name, writing(signing)));
        assert_signs_in(&world, "azure").await;
    }
}

/// The metadata of the emulated OpenID provider, as `issuer` serves it.
fn served(metadata: &Value, issuer: &str) -> Value {
    let mut served = metadata.clone();
    served["issuer"] = issuer.into();
    served
}

#[tokio::test]
async fn discovery_document_with_bom_or_blanks_is_accepted() {
    for (before, after) in [("\u{feff}", ""), ("\u{feff}\r\n", "\r\n"), (" \n", " \n\n")] {
        let world = world_of(&["oidc"], &[]).await;
        let root = format!("{}oidc", world.emulator.http_url());
        let at = format!("{root}/.well-known/openid-configuration");
        let metadata = Browser::default().get(at).await.json();
        let pages = Pages::start(move |base, path| match path {
            "/realm/.well-known/openid-configuration" => {
                let document = served(&metadata, &format!("{base}/realm"));
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
}
