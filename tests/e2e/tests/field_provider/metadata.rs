//! Metadata is read, not guessed.

use portico_e2e::{
    Browser, Cloud, FaultKind, SigningAlgorithm, Target, World, assert_refused, world, world_of,
};
use serde_json::{Value, json};

use crate::{assert_misconfigured, assert_signs_in, detail, member, restarted, sign_in, tell};

const METHODS: &str = "token_endpoint_auth_methods_supported";
const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const OIDC: Target = Target::CloudDiscovery(Cloud::Oidc);

/// How the secret came with the code: in the header, in the form.
fn secret_came(world: &World) -> (bool, bool) {
    let requests = world.emulator.requests();
    let mut redemptions =
        requests.iter().filter(|it| it.grant_type.as_deref() == Some("authorization_code"));
    let redemption = redemptions.next_back().unwrap();
    (redemption.authorization, redemption.form("client_secret").is_some())
}

#[tokio::test]
async fn client_secret_is_sent_by_the_announced_method() {
    const HEADER: (bool, bool) = (true, false);
    const FORM: (bool, bool) = (false, true);
    for (announced, expected) in [
        // The plug-in declares Basic.
        (json!(["client_secret_post"]), FORM),
        (json!(["private_key_jwt", "client_secret_post", "none"]), FORM),
        (json!(["client_secret_post", "client_secret_basic"]), HEADER),
        (json!(["client_secret_basic"]), HEADER),
        // What says nothing leaves it as declared.
        (json!(null), HEADER),
        (json!([]), HEADER),
        (json!("client_secret_post"), HEADER),
        (json!([7, null]), HEADER),
    ] {
        let world = world_of(&["oidc"], &[]).await;
        tell(&world, OIDC, member(METHODS, announced.clone()));
        assert_signs_in(&world, "oidc").await;
        assert_eq!(secret_came(&world), expected, "{announced}");
    }
    // Azure's is declared to go in the form.
    for (announced, expected) in
        [(json!(["client_secret_basic"]), HEADER), (json!(["client_secret_post"]), FORM)]
    {
        let world = world(&[]).await;
        tell(&world, Target::Discovery, member(METHODS, announced));
        assert_signs_in(&world, "azure").await;
        assert_eq!(secret_came(&world), expected);
    }
}

#[tokio::test]
async fn begin_refuses_token_endpoint_without_supported_auth_method() {
    let world = world_of(&["oidc"], &[]).await;
    let methods = json!(["private_key_jwt", "tls_client_auth"]);
    tell(&world, OIDC, member(METHODS, methods));
    let token = format!("{}oidc/token", world.emulator.http_url());
    let said = ["client_authentication", &token, "private_key_jwt, tls_client_auth"];
    assert_misconfigured(&world.portico, "oidc", &said).await;
    assert_eq!(portico_e2e::token_requests(&world.emulator), 0);
}

#[tokio::test]
async fn unreadable_optional_metadata_member_is_ignored() {
    let nonsense =
        [json!(null), json!(""), json!("/logout"), json!(7), json!(["https://a"]), json!({})];
    for value in nonsense {
        let world = world_of(&["oidc"], &[]).await;
        for name in [
            "end_session_endpoint",
            "userinfo_endpoint",
            "scopes_supported",
            "code_challenge_methods_supported",
        ] {
            tell(&world, OIDC, member(name, value.clone()));
        }
        assert_signs_in(&world, "oidc").await;
    }
    let world = world(&[]).await;
    for name in ["authorization_response_iss_parameter_supported", ALGORITHMS, METHODS] {
        tell(&world, Target::Discovery, member(name, json!(null)));
    }
    assert_signs_in(&world, "azure").await;
}

#[tokio::test]
async fn unreadable_required_metadata_member_is_refused() {
    let checked = [
        ("issuer", json!(null)),
        ("authorization_endpoint", json!("/authorize")),
        ("token_endpoint", json!("")),
        ("jwks_uri", json!(null)),
        ("authorization_response_iss_parameter_supported", json!("true")),
        ("authorization_response_iss_parameter_supported", json!(1)),
    ];
    for (name, value) in checked {
        let world = world(&[]).await;
        tell(&world, Target::Discovery, member(name, value.clone()));
        let response = Browser::default().begin(&world.portico.base, "azure", "").await;
        assert_refused(&response, 502, "provider_untrue");
        let detail = detail(&world.portico, &response).await;
        let at = format!("{}organizations/v2.0/.well-known", world.emulator.http_url());
        for said in ["discovery_unreadable", name, &at] {
            assert!(detail.contains(said), "{name} {value}: {detail}");
        }
    }
}

#[tokio::test]
async fn second_private_host_is_refused_with_the_setting_that_allows_it() {
    for name in ["jwks_uri", "token_endpoint"] {
        let world = world_of(&["oidc"], &[]).await;
        let port = world.emulator.http_url().port().unwrap();
        let second = format!("localhost:{port}");
        let lead = |world: &World, second: &str| {
            let path = if name == "jwks_uri" { "keys" } else { "token" };
            tell(world, OIDC, member(name, format!("http://{second}/oidc/{path}")));
        };
        lead(&world, &second);
        let response = sign_in(&world, "oidc").await;
        assert_refused(&response, 502, "provider_misconfigured");
        assert!(!response.headers.contains_key("retry-after"), "{response:?}");
        let detail = detail(&world.portico, &response).await;
        let setting = format!("OIDC_PRIVATE_HOSTS={second}");
        for said in [setting.as_str(), &format!("http://{second}/oidc/"), "is loopback"] {
            assert!(detail.contains(said), "{detail}");
        }
    }
}

#[tokio::test]
async fn allowed_private_host_is_reachable_at_that_port_only() {
    for (named, is_reached) in [
        ("localhost:{port}, keys.internal:443", true),
        ("localhost:1", false),
        ("LOCALHOST:{port}", true),
    ] {
        let world = world_of(&["oidc"], &[]).await;
        let port = world.emulator.http_url().port().unwrap().to_string();
        let named = named.replace("{port}", &port);
        let world = restarted(world, "OIDC_PRIVATE_HOSTS", &named).await;
        for (name, path) in [("jwks_uri", "keys"), ("token_endpoint", "token")] {
            tell(&world, OIDC, member(name, format!("http://localhost:{port}/oidc/{path}")));
        }
        // The issuer of its ID tokens is named by the host that was asked for them.
        let right = format!("{}oidc", world.emulator.http_url());
        let issuer = FaultKind::SetClaim { name: "iss".into(), value: right.into() };
        tell(&world, Target::CloudToken(Cloud::Oidc), issuer);
        let response = sign_in(&world, "oidc").await;
        assert_eq!(response.gives_a_session(), is_reached, "{named}: {response:?}");
    }
}

#[tokio::test]
async fn login_succeeds_with_every_accepted_algorithm() {
    for algorithm in SigningAlgorithm::ALL {
        let world = world_of(&["oidc"], &[]).await;
        let signed = || FaultKind::SignedBy { algorithm };
        for target in [OIDC, Target::CloudKeys(Cloud::Oidc), Target::CloudToken(Cloud::Oidc)] {
            tell(&world, target, signed());
        }
        assert_signs_in(&world, "oidc").await;
    }
}

#[tokio::test]
async fn algorithm_other_than_key_type_is_refused_and_logged() {
    let algorithm = SigningAlgorithm::ES384;
    let world = world_of(&["oidc"], &[]).await;
    tell(&world, Target::CloudKeys(Cloud::Oidc), FaultKind::SignedBy { algorithm });
    tell(&world, Target::CloudToken(Cloud::Oidc), FaultKind::SignedBy { algorithm });
    let named = |name: &str| FaultKind::SetHeader { name: "alg".into(), value: name.into() };
    for (alg, check) in [
        ("ES256", "id_token_key"),
        ("RS512", "id_token_key"),
        ("HS384", "id_token_algorithm"),
        ("ES512", "id_token_algorithm"),
        ("none", "id_token_algorithm"),
    ] {
        tell(&world, Target::CloudToken(Cloud::Oidc), named(alg));
        let response = sign_in(&world, "oidc").await;
        assert_refused(&response, 502, "provider_untrue");
        let detail = detail(&world.portico, &response).await;
        assert!(detail.contains(check) && detail.contains(alg), "{detail}");
    }
}

#[tokio::test]
async fn begin_refuses_provider_with_only_unaccepted_algorithms() {
    for algorithms in [json!(["HS256"]), json!(["none"]), json!(["ES512", "HS512"])] {
        let world = world_of(&["oidc"], &[]).await;
        tell(&world, OIDC, member(ALGORITHMS, algorithms.clone()));
        let names: Vec<_> = algorithms.as_array().unwrap().iter().map(Value::as_str).collect();
        let names: Vec<_> = names.into_iter().flatten().collect();
        let said = ["id_token_algorithm", &names.join(", "), "oidc/.well-known", "RS256"];
        assert_misconfigured(&world.portico, "oidc", &said).await;
    }
}
