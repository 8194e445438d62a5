//! Metadata of the provider: client authentication, optional and required members, hosts, algorithms.

use portico_e2e::{
    Browser, Cloud, FaultKind, SigningAlgorithm, Target, World, assert_refused, world,
    world_with_plugins,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{assert_misconfigured, assert_signs_in, detail, inject, member, restarted, sign_in};

const METHODS: &str = "token_endpoint_auth_methods_supported";
const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const OIDC: Target = Target::CloudDiscovery(Cloud::Oidc);

/// Whether the last token request had the client secret in the `Authorization` header, and in the form.
fn secret_placement(world: &World) -> (bool, bool) {
    let requests = world.emulator.requests();
    let mut redemptions =
        requests.iter().filter(|it| it.grant_type.as_deref() == Some("authorization_code"));
    let redemption = redemptions.next_back().unwrap();
    (redemption.authorization, redemption.form("client_secret").is_some())
}

const HEADER: (bool, bool) = (true, false);
const FORM: (bool, bool) = (false, true);

/// The `oidc` plug-in declares `client_secret_basic`.
#[rstest]
#[case::post(json!(["client_secret_post"]), FORM)]
#[case::post_and_unsupported(json!(["private_key_jwt", "client_secret_post", "none"]), FORM)]
#[case::post_and_basic(json!(["client_secret_post", "client_secret_basic"]), HEADER)]
#[case::basic(json!(["client_secret_basic"]), HEADER)]
#[case::null(json!(null), HEADER)]
#[case::empty(json!([]), HEADER)]
#[case::text(json!("client_secret_post"), HEADER)]
#[case::other_types(json!([7, null]), HEADER)]
#[tokio::test]
async fn client_secret_is_sent_by_the_announced_method(
    #[case] announced: Value,
    #[case] expected: (bool, bool),
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    inject(&world, OIDC, member(METHODS, announced));
    assert_signs_in(&world, "oidc").await;
    assert_eq!(secret_placement(&world), expected);
}

/// Azure is declared with `client_secret_post`.
#[rstest]
#[case::basic("client_secret_basic", HEADER)]
#[case::post("client_secret_post", FORM)]
#[tokio::test]
async fn client_secret_of_azure_is_sent_by_the_announced_method(
    #[case] announced: &str,
    #[case] expected: (bool, bool),
) {
    let world = world(&[]).await;
    inject(&world, Target::Discovery, member(METHODS, json!([announced])));
    assert_signs_in(&world, "azure").await;
    assert_eq!(secret_placement(&world), expected);
}

#[tokio::test]
async fn begin_refuses_token_endpoint_without_supported_auth_method() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let methods = json!(["private_key_jwt", "tls_client_auth"]);
    inject(&world, OIDC, member(METHODS, methods));
    let token = format!("{}oidc/token", world.emulator.http_url());
    let texts = ["client_authentication", &token, "private_key_jwt, tls_client_auth"];
    assert_misconfigured(&world.portico, "oidc", &texts).await;
    assert_eq!(portico_e2e::token_requests(&world.emulator), 0);
}

#[rstest]
#[case::null(json!(null))]
#[case::empty(json!(""))]
#[case::path(json!("/logout"))]
#[case::number(json!(7))]
#[case::list(json!(["https://a"]))]
#[case::object(json!({}))]
#[tokio::test]
async fn unreadable_optional_metadata_member_is_ignored(#[case] value: Value) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    for name in [
        "end_session_endpoint",
        "userinfo_endpoint",
        "scopes_supported",
        "code_challenge_methods_supported",
    ] {
        inject(&world, OIDC, member(name, value.clone()));
    }
    assert_signs_in(&world, "oidc").await;
}

#[tokio::test]
async fn null_in_optional_metadata_members_of_azure_is_ignored() {
    let world = world(&[]).await;
    for name in ["authorization_response_iss_parameter_supported", ALGORITHMS, METHODS] {
        inject(&world, Target::Discovery, member(name, json!(null)));
    }
    assert_signs_in(&world, "azure").await;
}

#[rstest]
#[case::issuer("issuer", json!(null))]
#[case::authorization_endpoint("authorization_endpoint", json!("/authorize"))]
#[case::token_endpoint("token_endpoint", json!(""))]
#[case::jwks_uri("jwks_uri", json!(null))]
#[case::iss_parameter_as_text("authorization_response_iss_parameter_supported", json!("true"))]
#[case::iss_parameter_as_number("authorization_response_iss_parameter_supported", json!(1))]
#[tokio::test]
async fn unreadable_required_metadata_member_is_refused(#[case] name: &str, #[case] value: Value) {
    let world = world(&[]).await;
    inject(&world, Target::Discovery, member(name, value));
    let response = Browser::default().begin(&world.portico.base, "azure", "").await;
    assert_refused(&response, 502, "provider_untrue");
    let detail = detail(&world.portico, &response).await;
    let url = format!("{}organizations/v2.0/.well-known", world.emulator.http_url());
    for text in ["discovery_unreadable", name, &url] {
        assert!(detail.contains(text), "{detail}");
    }
}

#[rstest]
#[case::of_keys("jwks_uri", "keys")]
#[case::of_tokens("token_endpoint", "token")]
#[tokio::test]
async fn second_private_host_is_refused_with_the_setting_that_allows_it(
    #[case] name: &str,
    #[case] path: &str,
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let host = format!("localhost:{}", world.emulator.http_url().port().unwrap());
    inject(&world, OIDC, member(name, format!("http://{host}/oidc/{path}")));
    let response = sign_in(&world, "oidc").await;
    assert_refused(&response, 502, "provider_misconfigured");
    assert!(!response.headers.contains_key("retry-after"), "{response:?}");
    let detail = detail(&world.portico, &response).await;
    let setting = format!("OIDC_PRIVATE_HOSTS={host}");
    for text in [setting.as_str(), &format!("http://{host}/oidc/"), "is loopback"] {
        assert!(detail.contains(text), "{detail}");
    }
}

#[rstest]
#[case::with_port("localhost:{port}, keys.internal:443", true)]
#[case::other_port("localhost:1", false)]
#[case::upper_case("LOCALHOST:{port}", true)]
#[tokio::test]
async fn allowed_private_host_is_reachable_at_that_port_only(
    #[case] setting: &str,
    #[case] is_reachable: bool,
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let port = world.emulator.http_url().port().unwrap().to_string();
    let setting = setting.replace("{port}", &port);
    let world = restarted(world, "OIDC_PRIVATE_HOSTS", &setting).await;
    for (name, path) in [("jwks_uri", "keys"), ("token_endpoint", "token")] {
        inject(&world, OIDC, member(name, format!("http://localhost:{port}/oidc/{path}")));
    }
    // The emulator names the issuer after the requested host.
    let right = format!("{}oidc", world.emulator.http_url());
    let issuer = FaultKind::SetClaim { name: "iss".into(), value: right.into() };
    inject(&world, Target::CloudToken(Cloud::Oidc), issuer);
    let response = sign_in(&world, "oidc").await;
    assert_eq!(response.sets_session_cookie(), is_reachable, "{response:?}");
}

#[tokio::test]
async fn login_succeeds_with_every_accepted_algorithm() {
    for algorithm in SigningAlgorithm::ALL {
        let world = world_with_plugins(&["oidc"], &[]).await;
        let signed = || FaultKind::SignedBy { algorithm };
        for target in [OIDC, Target::CloudKeys(Cloud::Oidc), Target::CloudToken(Cloud::Oidc)] {
            inject(&world, target, signed());
        }
        assert_signs_in(&world, "oidc").await;
    }
}

#[rstest]
#[case::es256("ES256", "id_token_key")]
#[case::rs512("RS512", "id_token_key")]
#[case::hs384("HS384", "id_token_algorithm")]
#[case::es512("ES512", "id_token_algorithm")]
#[case::none("none", "id_token_algorithm")]
#[tokio::test]
async fn algorithm_other_than_key_type_is_refused_and_logged(
    #[case] alg: &str,
    #[case] check: &str,
) {
    let algorithm = SigningAlgorithm::ES384;
    let world = world_with_plugins(&["oidc"], &[]).await;
    inject(&world, Target::CloudKeys(Cloud::Oidc), FaultKind::SignedBy { algorithm });
    inject(&world, Target::CloudToken(Cloud::Oidc), FaultKind::SignedBy { algorithm });
    let named = |name: &str| FaultKind::SetHeader { name: "alg".into(), value: name.into() };
    inject(&world, Target::CloudToken(Cloud::Oidc), named(alg));
    let response = sign_in(&world, "oidc").await;
    assert_refused(&response, 502, "provider_untrue");
    let detail = detail(&world.portico, &response).await;
    assert!(detail.contains(check) && detail.contains(alg), "{detail}");
}

#[rstest]
#[case::hs256(json!(["HS256"]))]
#[case::none(json!(["none"]))]
#[case::es512_and_hs512(json!(["ES512", "HS512"]))]
#[tokio::test]
async fn begin_refuses_provider_with_only_unaccepted_algorithms(#[case] algorithms: Value) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    inject(&world, OIDC, member(ALGORITHMS, algorithms.clone()));
    let names: Vec<_> = algorithms.as_array().unwrap().iter().map(Value::as_str).collect();
    let names: Vec<_> = names.into_iter().flatten().collect();
    let texts = ["id_token_algorithm", &names.join(", "), "oidc/.well-known", "RS256"];
    assert_misconfigured(&world.portico, "oidc", &texts).await;
}
