//! Misspelled variables and keys, and log filters.

use std::fs;

use portico_e2e::{start_and_fail, world, world_with_plugins};
use rstest::rstest;

use crate::{assert_logged, assert_signs_in, assert_start_refused, settings};

#[rstest]
#[case::listn("PORTICO_LISTN", "PORTICO_LISTEN")]
#[case::provider_for_providers("PORTICO_PROVIDER", "PORTICO_PROVIDERS")]
#[case::lower_case("portico_store", "PORTICO_STORE")]
#[case::log_level("PORTICO_LOG_LEVEL", "PORTICO_LOG")]
#[case::portico_dashboard_url("PORTICO_DASHBOARD_URL", "DASHBOARD_URL")]
#[case::trusted_proxy("PORTICO_TRUSTED_PROXY", "PORTICO_TRUSTED_PROXIES")]
#[case::port("PORTICO_PORT", "PORTICO_LISTEN")]
#[tokio::test]
async fn misspelled_portico_variable_stops_start_with_suggestion(
    #[case] name: &str,
    #[case] suggestion: &str,
) {
    let stderr = assert_start_refused(&[(name, b"1")]).await;
    let fault = format!("{name} is not a setting of Portico: write {suggestion}, or unset it.");
    assert!(stderr.contains(&fault), "{stderr}");
}

#[tokio::test]
async fn misspelled_required_variable_is_reported_missing_with_hint() {
    let secret = b"hush-hush-hush";
    let stderr =
        assert_start_refused(&[("AZURE_CLIENT_SECRET", b""), ("AZURE_CLIENT_SECRT", secret)]).await;
    let hint = "AZURE_CLIENT_SECRT is set, but is not a setting: write AZURE_CLIENT_SECRET.";
    assert!(stderr.contains("AZURE_CLIENT_SECRET is missing") && stderr.contains(hint), "{stderr}");
    assert!(!stderr.contains("hush"), "{stderr}");
    let stderr = assert_start_refused(&[("AZURE_TENANT_ID", b""), ("AZURE_TENANTID", b"x")]).await;
    assert!(stderr.contains("AZURE_TENANTID is set, but is not a setting"), "{stderr}");
}

#[tokio::test]
async fn possibly_misspelled_variable_is_only_warned_of() {
    let world = world_with_plugins(
        &["oidc"],
        &[
            ("PORTICO_HOME", "/srv"),
            ("DASHBORD_URL", "https://dashboard.example/"),
            ("AZURE_ALOWED_TENANTS", "x"),
            ("OIDC_SCOPE", "openid"),
            // Kubernetes sets these for a service named portico.
            ("PORTICO_SERVICE_HOST", "10.0.0.1"),
            ("PORTICO_PORT", "tcp://10.0.0.1:5000"),
            ("PORTICO_PORT_5000_TCP_ADDR", "10.0.0.1"),
        ],
    )
    .await;
    for warning in [
        "PORTICO_HOME is not a setting of Portico",
        "DASHBORD_URL is not a setting of Portico: did you mean DASHBOARD_URL?",
        "OIDC_SCOPE is not a setting of oidc: did you mean OIDC_SCOPES?",
    ] {
        assert_logged(&world, warning).await;
    }
    let log = world.portico.log();
    for ignored in ["PORTICO_SERVICE_HOST", "PORTICO_PORT", "AZURE_ALOWED_TENANTS"] {
        assert!(!log.contains(ignored), "{ignored}: {log}");
    }
    assert_signs_in(&world.portico).await;
}

#[rstest]
#[case::misspelled_key(
    "lisen = \"x\"",
    "lisen in portico.toml is not a setting of Portico: write listen, or"
)]
#[case::variable_name(
    "PORTICO_LISTEN = \"x\"",
    "PORTICO_LISTEN in portico.toml is not a setting of Portico: write listen"
)]
#[case::misspelled_key_in_table(
    "[azure]\ntenantid = \"x\"",
    "azure.tenantid in portico.toml is not a setting of Portico: write azure.tenant_id"
)]
#[case::misspelled_table(
    "[provider.github]\nclient_id = \"x\"",
    "write providers.github.client_id, or remove it"
)]
#[case::unknown_key(
    "colour = \"red\"",
    "colour in portico.toml is not a setting of Portico: check its spelling"
)]
#[tokio::test]
async fn unknown_configuration_key_stops_start_with_suggestion(
    #[case] file: &str,
    #[case] fault: &str,
) {
    let (_emulator, folder, settings) = settings().await;
    fs::write(folder.path().join("portico.toml"), file).unwrap();
    let (code, stderr) = start_and_fail(&settings).await;
    assert!(code == Some(2) && stderr.contains(fault), "{fault}: {stderr}");
}

#[rstest]
#[case::unknown_level("verbose")]
#[case::misspelled_level("warning")]
#[case::no_level_of_portico("hyper=debug")]
#[case::known_and_unknown_level("info,verbose")]
#[case::unknown_level_of_portico("portico=loud")]
#[case::syntax_error("==")]
#[tokio::test]
async fn log_filter_without_portico_level_is_refused(#[case] filter: &str) {
    let stderr = assert_start_refused(&[("PORTICO_LOG", filter.as_bytes())]).await;
    assert!(stderr.contains("PORTICO_LOG") && stderr.contains("warn, info, debug"), "{stderr}");
}

#[rstest]
#[case::level("info")]
#[case::upper_case_and_blank("INFO, hyper=warn")]
#[case::levels_of_parts("warn,portico_http=info,portico=info")]
#[tokio::test]
async fn log_filter_with_portico_level_is_accepted(#[case] filter: &str) {
    let world = world(&[("PORTICO_LOG", filter)]).await;
    assert_signs_in(&world.portico).await;
}
