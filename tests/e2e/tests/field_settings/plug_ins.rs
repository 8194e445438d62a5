//! Settings of plug-ins: missing secrets, malformed issuers and tenants.

use portico_e2e::{Browser, world_with_plugins};
use rstest::rstest;

use crate::assert_logged;

/// Asserts that this plug-in is not offered with these variables. Returns the fault in the log.
async fn assert_not_offered(name: &str, variables: &[(&str, &str)]) -> String {
    let world = world_with_plugins(&[name], variables).await;
    let fault = |line: &serde_json::Value| line["fields"]["fault"].as_str().map(str::to_owned);
    world.portico.logged(|it| it.log_lines().iter().any(|line| fault(line).is_some())).await;
    let ready = Browser::default().get(format!("{}/readyz", world.portico.base)).await;
    assert_eq!(ready.json()["providerFaults"], 1, "{ready:?}");
    world.portico.log_lines().iter().find_map(fault).unwrap()
}

#[rstest]
#[case::github("github", "GITHUB_CLIENT_SECRET")]
#[case::oidc("oidc", "OIDC_CLIENT_SECRET")]
#[case::google("google", "GOOGLE_CLIENT_SECRET")]
#[tokio::test]
async fn plug_in_without_client_secret_is_not_offered_and_names_variable(
    #[case] plugin: &str,
    #[case] variable: &str,
) {
    let fault = assert_not_offered(plugin, &[(variable, "")]).await;
    assert!(fault.contains(&format!("{variable} is missing: write the client secret")), "{fault}");
    assert!(fault.contains(&format!("{variable}_FILE")), "{fault}");
}

#[rstest]
#[case::discovery_document("/.well-known/openid-configuration")]
#[case::query("?tenant=a")]
#[case::oauth_metadata("/.well-known/oauth-authorization-server")]
#[case::fragment("#fragment")]
#[tokio::test]
async fn plug_in_with_malformed_issuer_is_not_offered_with_suggestion(#[case] suffix: &str) {
    let issuer = "https://idp.example/realms/x";
    let malformed = format!("{issuer}{suffix}");
    let fault = assert_not_offered("oidc", &[("OIDC_ISSUER", &malformed)]).await;
    assert!(fault.contains("OIDC_ISSUER is") && fault.contains(&malformed), "{fault}");
    assert!(fault.contains(&format!("probably {issuer}.")), "{fault}");
}

#[tokio::test]
async fn plug_in_with_url_as_allowed_tenant_is_not_offered_with_suggestion() {
    let (name, value) = ("GITHUB_ALLOWED_TENANTS", "https://github.com/org");
    let fault = assert_not_offered("github", &[(name, value)]).await;
    assert!(fault.contains(name) && fault.contains("write the host alone"), "{fault}");
}

#[rstest]
#[case::organisation_of_github("github", "GITHUB_ALLOWED_TENANTS", "my-company")]
#[case::other_host_of_github("github", "GITHUB_ALLOWED_TENANTS", "github.com")]
#[case::other_host_of_oidc("oidc", "OIDC_ALLOWED_TENANTS", "example.com")]
#[tokio::test]
async fn allowed_tenant_that_cannot_match_is_warned_of(
    #[case] plugin: &str,
    #[case] variable: &str,
    #[case] tenant: &str,
) {
    let world = world_with_plugins(&[plugin], &[(variable, tenant)]).await;
    assert_logged(&world, "everybody of this cloud is of 127.0.0.1: write that").await;
    assert!(world.portico.log().contains(variable), "{}", world.portico.log());
}

#[tokio::test]
async fn allowed_tenant_that_matches_is_not_warned_of() {
    let world = world_with_plugins(&["github"], &[("GITHUB_ALLOWED_TENANTS", "127.0.0.1")]).await;
    assert!(!world.portico.log().contains("everybody of this cloud"), "{}", world.portico.log());
}
