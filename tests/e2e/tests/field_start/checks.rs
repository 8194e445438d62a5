//! The checks of identity providers at start, in the log, `/readyz` and `portico provider list`.

use std::path::Path;

use portico_e2e::{
    Cloud, Emulator, Fault, FaultKind, Portico, Settings, Target, personas, plugins,
    world_with_plugins,
};
use rstest::rstest;
use serde_json::Value;

use crate::{emulator, portico, ready, sign_in};

/// The reason in `/readyz` why this provider is failing.
async fn reason(base: &str, provider: &str) -> String {
    let health = ready(base).await["providers"][provider].clone();
    assert_eq!(health["status"], "failing", "{health}");
    health["reason"].as_str().unwrap().to_owned()
}

/// The fields of the one log line that says why this provider is failing.
fn failing_line(portico: &Portico, provider: &str) -> Value {
    let is_it = |line: &Value| {
        let message = line["fields"]["message"].as_str().unwrap_or_default();
        message.starts_with("people cannot sign in") && line["fields"]["provider"] == provider
    };
    let lines: Vec<_> = portico.log_lines().into_iter().filter(is_it).collect();
    assert_eq!(lines.len(), 1, "{}", portico.log());
    lines[0]["fields"].clone()
}

/// A Portico with the `oidc` plug-in and this issuer.
async fn portico_with_issuer(emulator: &Emulator, folder: &Path, issuer: &str) -> Portico {
    let mut settings = Settings::new(emulator, folder);
    plugins::grant(folder, &["oidc"]);
    settings.set("PORTICO_KEYS", plugins::KEYS);
    settings.set_plugin(Cloud::Oidc, emulator).set("OIDC_ISSUER", issuer);
    Portico::start(&settings).await
}

#[rstest]
#[case::web_page("/account/page")]
#[case::endpoint("/authorize")]
#[case::path_of_three_segments("/a/b/c")]
#[tokio::test]
async fn start_logs_wrong_issuer_with_requested_url_and_suggestion(#[case] suffix: &str) {
    let (emulator, folder) = emulator().await;
    let right = Cloud::Oidc.url(emulator.http_url()).to_string();
    let right = right.trim_end_matches('/');
    let wrong = format!("{right}{suffix}");
    let portico = portico_with_issuer(&emulator, folder.path(), &wrong).await;
    assert!(!reason(&portico.base, "oidc").await.is_empty());
    let line = failing_line(&portico, "oidc");
    let requested = format!("{wrong}/.well-known/openid-configuration");
    let suggestion = format!("OIDC_ISSUER={right}");
    let why = line["why"].as_str().unwrap();
    assert!(why.contains(&requested) && why.contains(&suggestion), "{why}");
    assert_eq!(ready(&portico.base).await["providers"]["azure"], Value::Null);
    sign_in(&portico.base, "azure").await;

    let variables = [("OIDC_ISSUER", wrong.as_str())];
    let list = ["provider", "list"];
    let output = self::portico(folder.path(), &emulator, &variables, &list).await;
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("failing") && stdout.contains(&requested), "{stdout}");
    assert!(stdout.contains(&suggestion), "{stdout}");
    let offline = ["provider", "list", "--offline", "--json"];
    let output = self::portico(folder.path(), &emulator, &variables, &offline).await;
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed[0]["state"], "offered", "{listed}");
}

#[rstest]
#[case::other_issuer(Target::Discovery, FaultKind::OtherIssuer, "misconfigured")]
#[case::discovery_garbage(Target::Discovery, FaultKind::Garbage, "discovery_unreadable")]
#[case::keys_garbage(Target::Keys, FaultKind::Garbage, "keys_unreadable")]
#[case::keys_closed_connection(Target::Keys, FaultKind::Close, "unreachable")]
#[tokio::test]
async fn failed_provider_check_is_in_readyz_and_log(
    #[case] target: Target,
    #[case] kind: FaultKind,
    #[case] code: &str,
) {
    let (emulator, folder) = emulator().await;
    emulator.fault(Fault::always(target, kind));
    let settings = Settings::new(&emulator, folder.path());
    let portico = Portico::start(&settings).await;
    assert_eq!(reason(&portico.base, "azure").await, code);
    let why = failing_line(&portico, "azure")["why"].to_string();
    let path = match target {
        Target::Keys => "/keys",
        _ => "/organizations/v2.0/.well-known/openid-configuration",
    };
    let root = emulator.http_url().as_str();
    assert!(why.contains(root) && why.contains(path), "{why}");
}

#[tokio::test]
async fn unreachable_provider_is_checked_again_until_it_recovers() {
    let (emulator, folder) = emulator().await;
    emulator.fault(Fault::always(Target::Discovery, FaultKind::Close));
    let settings = Settings::new(&emulator, folder.path());
    let portico = Portico::start(&settings).await;
    assert_eq!(reason(&portico.base, "azure").await, "unreachable");
    emulator.clear_faults();
    // A login does not wait for the next check.
    sign_in(&portico.base, "azure").await;
    portico.wait_for_slow_log("people can sign in with this provider again").await;
    while ready(&portico.base).await["providers"] != Value::Null {}
    failing_line(&portico, "azure");
}

#[rstest]
#[case::built_in(&[], 1)]
#[case::azure_component(&["azure"], 1)]
#[case::built_in_and_plug_in(&["oidc"], 2)]
#[tokio::test]
async fn start_fetches_discovery_and_keys_once_per_provider(
    #[case] plug_ins: &[&str],
    #[case] providers: usize,
) {
    let world = world_with_plugins(plug_ins, &[]).await;
    let requests = world.emulator.requests();
    let count = |end: &str| requests.iter().filter(|it| it.path.ends_with(end)).count();
    assert_eq!(count("/openid-configuration"), providers, "{requests:?}\n{}", world.portico.log());
    assert_eq!(count("keys"), providers, "{requests:?}\n{}", world.portico.log());
}

#[tokio::test]
async fn provider_list_shows_built_in_provider_and_its_health() {
    let (emulator, folder) = emulator().await;
    let azure = [
        ("AZURE_TENANT_ID", personas::CONTOSO.id),
        ("AZURE_CLIENT_ID", personas::APPLICATION.client_id),
        ("AZURE_CLIENT_SECRET", personas::APPLICATION.client_secret),
        ("AZURE_AUTHORITY_HOST", emulator.http_url().as_str()),
    ];
    let list = async || {
        let list = ["provider", "list", "--json"];
        let output = portico(folder.path(), &emulator, &azure, &list).await;
        let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(listed[0]["id"], "azure", "{listed}");
        (listed[0]["state"].clone(), listed[0]["reason"].to_string())
    };
    assert_eq!(list().await.0, "offered");
    emulator.fault(Fault::always(Target::Keys, FaultKind::Status { code: 500, retry_after: None }));
    let (state, why) = list().await;
    assert!(state == "failing" && why.contains("/keys"), "{state} {why}");
}
