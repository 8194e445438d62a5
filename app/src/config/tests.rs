//! Reading a configuration: defaults, sources and faults.

use std::time::Duration;

use portico_domain::{identity::TenantId, provider::ClientCredential, secret::ClientSecret};
use rstest::rstest;

use super::*;

const GUID: &str = "11111111-2222-3333-4444-555555555555";

fn environment(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let required = [
        ("AZURE_TENANT_ID", GUID),
        ("AZURE_CLIENT_ID", GUID),
        ("AZURE_CLIENT_SECRET", "hush"),
        // Otherwise `portico.toml` of the working directory would be read.
        ("PORTICO_CONFIG", ""),
    ];
    let pairs = required.iter().chain(more);
    pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn faults(more: &[(&str, &str)]) -> String {
    Config::read(environment(more)).unwrap_err().to_string()
}

#[test]
fn read_needs_three_variables_only() {
    let config = Config::read(environment(&[])).unwrap();
    assert_eq!(config.server.app_base_url.as_str(), "http://localhost:5000/");
    assert_eq!(config.server.dashboards.first.as_str(), "http://localhost:3000/dashboard");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:5000");
    assert_eq!(config.store.choice, StoreChoice::Sled("./data/sessions".into()));
    assert_eq!(config.store.reserve, 64 * 1024 * 1024);
    assert_eq!(config.sessions.idle, Duration::from_secs(8 * 3_600));
    assert_eq!(config.sessions.max, Duration::from_secs(24 * 3_600));
    let azure = config.azure.unwrap();
    assert_eq!(azure.authority_host.as_str(), "https://login.microsoftonline.com/");
    assert_eq!(azure.subscriptions_as, SubscriptionsAs::Application);
    let allowed: Vec<&str> = azure.allowed_tenants.iter().map(TenantId::as_str).collect();
    assert_eq!(allowed, [GUID]);
}

#[test]
fn read_reports_every_fault_with_its_variable() {
    let text = faults(&[
        ("AZURE_CLIENT_SECRET", ""),
        ("AZURE_TENANT_ID", "contoso.onmicrosoft.com"),
        ("PORTICO_LISTEN", "5000"),
        ("PORTICO_STORE", "postgres://x"),
        ("PORTICO_STORE_RESERVE", "15"),
        ("PORTICO_SESSION_IDLE", "soon"),
        ("PORTICO_LOG", "=="),
        ("APP_BASE_URL", "https://portico.example.com/base"),
        ("AZURE_SUBSCRIPTIONS_AS", "both"),
    ]);
    assert!(text.starts_with("Portico cannot start: 9 settings are wrong."), "{text}");
    for named in [
        "AZURE_CLIENT_SECRET is missing: write the value",
        "AZURE_TENANT_ID is \"contoso.onmicrosoft.com\": write the directory's id",
        "PORTICO_LISTEN is \"5000\": write an address and a port",
        "PORTICO_STORE is \"postgres://x\": write sled:DIR",
        "PORTICO_STORE_RESERVE is \"15\": write a whole number of MiB",
        "PORTICO_SESSION_IDLE is \"soon\": write a duration",
        "PORTICO_LOG is \"==\"",
        "APP_BASE_URL is \"https://portico.example.com/base\": write only scheme, host and port",
        "AZURE_SUBSCRIPTIONS_AS is \"both\": write application or user",
    ] {
        assert!(text.contains(named), "{named} is missing in:\n{text}");
    }
}

#[rstest]
fn authority_host_with_http_is_accepted_for_loopback(
    #[values("http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000")] host: &str,
) {
    assert!(Config::read(environment(&[("AZURE_AUTHORITY_HOST", host)])).is_ok());
}

#[rstest]
#[case::domain("http://login.example.com")]
#[case::localhost_as_subdomain("http://localhost.evil.example")]
#[case::public_address("http://128.0.0.1")]
#[case::private_address("http://10.0.0.1")]
fn authority_host_with_http_is_refused_except_for_loopback(#[case] host: &str) {
    let text = faults(&[("AZURE_AUTHORITY_HOST", host)]);
    assert!(text.contains("AZURE_AUTHORITY_HOST"), "{text}");
}

#[test]
fn allowed_tenants_is_required_with_organizations_and_common() {
    let text = faults(&[("AZURE_TENANT_ID", "organizations")]);
    assert!(text.contains("AZURE_ALLOWED_TENANTS is missing"), "{text}");
    let two = format!("{GUID}, {GUID}");
    let pairs = [("AZURE_TENANT_ID", "organizations"), ("AZURE_ALLOWED_TENANTS", two.as_str())];
    assert_eq!(Config::read(environment(&pairs)).unwrap().azure.unwrap().allowed_tenants.len(), 2);
    let wrong = [("AZURE_TENANT_ID", "common"), ("AZURE_ALLOWED_TENANTS", "contoso.com")];
    assert!(faults(&wrong).contains("AZURE_ALLOWED_TENANTS is \"contoso.com\""));
}

#[test]
fn session_idle_over_session_max_is_a_fault() {
    let text = faults(&[("PORTICO_SESSION_IDLE", "25h")]);
    assert!(text.contains("PORTICO_SESSION_IDLE is wrong"), "{text}");
}

#[test]
fn secret_is_read_from_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "from-a-file\n").unwrap();
    let path = path.to_str().unwrap();
    let from_file = [("AZURE_CLIENT_SECRET", ""), ("AZURE_CLIENT_SECRET_FILE", path)];
    let config = Config::read(environment(&from_file)).unwrap();
    let credential = &config.azure.as_ref().unwrap().credential;
    assert_eq!(*credential, ClientCredential::Secret(ClientSecret::new("from-a-file")));
    assert!(!format!("{config:?}").contains("from-a-file"));
}

#[rstest]
#[case::secret_set_too("hush", "are both set")]
#[case::missing_file("", "AZURE_CLIENT_SECRET_FILE names /nowhere/secret")]
fn secret_file_that_is_missing_or_beside_a_secret_is_a_fault(
    #[case] secret: &str,
    #[case] fault: &str,
) {
    let pairs = [("AZURE_CLIENT_SECRET", secret), ("AZURE_CLIENT_SECRET_FILE", "/nowhere/secret")];
    let text = faults(&pairs);
    assert!(text.contains(fault), "{text}");
}

#[test]
fn environment_overrides_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portico.toml");
    let file = r#"
        listen = "127.0.0.1:6000"
        session_max = "12h"
        [azure]
        allowed_tenants = ["11111111-2222-3333-4444-555555555555"]
    "#;
    std::fs::write(&path, file).unwrap();
    let named = ("PORTICO_CONFIG", path.to_str().unwrap());
    let config = Config::read(environment(&[named, ("PORTICO_LISTEN", "127.0.0.1:7000")])).unwrap();
    assert_eq!(config.server.listen.port(), 7000);
    assert_eq!(config.sessions.max, Duration::from_secs(12 * 3_600));
}

#[rstest]
#[case::unknown_key("lisen = \"127.0.0.1:6000\"", &["lisen in "])]
#[case::number("listen = 6000", &["listen in ", "must be a string"])]
#[case::syntax_error("listen = ", &["is not TOML"])]
#[case::syntax_error_in_secret("[azure]\nclient_secret = \"very-secret\n", &["is not TOML: line 2: "])]
fn malformed_file_is_a_fault_without_its_values(#[case] content: &str, #[case] parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portico.toml");
    std::fs::write(&path, content).unwrap();
    let text = faults(&[("PORTICO_CONFIG", path.to_str().unwrap())]);
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    assert!(!text.contains("very-secret"), "{text}");
}

#[test]
fn missing_named_file_is_a_fault() {
    let text = faults(&[("PORTICO_CONFIG", "/nowhere.toml")]);
    assert!(text.contains("/nowhere.toml"), "{text}");
}

#[test]
fn azure_is_optional_if_plug_ins_are_granted() {
    let folder = tempfile::tempdir().unwrap();
    let only = |pairs: &[(&str, &str)]| {
        let folder = folder.path().to_str().unwrap().to_owned();
        let fixed = [("PORTICO_CONFIG", String::new()), ("PORTICO_PROVIDERS", folder)];
        let pairs = pairs.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let pairs = fixed.into_iter().chain(pairs);
        Config::read(pairs.map(|(name, value)| (name.to_owned(), value)))
    };
    assert!(only(&[]).unwrap_err().to_string().contains("AZURE_TENANT_ID is missing"));
    std::fs::write(folder.path().join("providers.lock"), "").unwrap();
    assert!(only(&[]).unwrap().azure.is_none());
    let half = only(&[("AZURE_CLIENT_ID", GUID)]).unwrap_err().to_string();
    assert!(half.contains("AZURE_TENANT_ID is missing"), "{half}");
}

const UPPER_GUID: &str = "7A8B9C0D-1111-2222-3333-4444ABCDEFAB";

#[test]
fn guid_is_lowercased() {
    let ids = [("AZURE_TENANT_ID", UPPER_GUID), ("AZURE_CLIENT_ID", UPPER_GUID)];
    let azure = Config::read(environment(&ids)).unwrap().azure.unwrap();
    let lower = UPPER_GUID.to_ascii_lowercase();
    assert_eq!((&azure.tenant, &azure.client_id), (&lower, &lower));
}

#[rstest]
#[case::in_braces(format!("{{{UPPER_GUID}}}"))]
#[case::without_hyphens(UPPER_GUID.replace('-', ""))]
#[case::urn(format!("urn:uuid:{UPPER_GUID}"))]
fn guid_in_other_notation_is_refused_with_correct_form(#[case] guid: String) {
    let text = faults(&[("AZURE_TENANT_ID", &guid)]);
    let hint = format!("write it as {}", UPPER_GUID.to_ascii_lowercase());
    assert!(text.contains(&hint), "{text}");
}

#[rstest]
#[case::truncated("7A8B9C0D-1111")]
#[case::name("contoso")]
#[case::empty_braces("{}")]
fn client_id_that_is_no_guid_is_refused(#[case] id: &str) {
    let text = faults(&[("AZURE_CLIENT_ID", id)]);
    assert!(text.contains("(client) id, a GUID"), "{text}");
}

#[rstest]
#[case::level("info", "info")]
#[case::upper_case_and_blank("INFO, hyper=warn", "INFO,hyper=warn")]
#[case::off("off", "off")]
#[case::part_without_level("portico_http", "portico_http")]
#[case::levels_of_parts("portico=debug,hyper=warn", "portico=debug,hyper=warn")]
#[case::span_field("info,[login{a=b}]=trace", "info,[login{a=b}]=trace")]
fn log_filter_accepts_filter_with_level_for_portico(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(telemetry::log_filter(text).as_deref(), Ok(expected));
}

#[rstest]
#[case::unknown_level("verbose")]
#[case::misspelled_level("warning")]
#[case::known_and_unknown_level("info,verbose")]
#[case::no_level_of_portico("hyper=debug")]
#[case::unknown_level_of_portico("portico=loud")]
#[case::syntax_error("==")]
#[case::empty_parts(",")]
fn log_filter_refuses_filter_without_known_level_for_portico(#[case] text: &str) {
    let hint = telemetry::log_filter(text).unwrap_err();
    assert!(hint.contains("warn, info, debug"), "{hint}");
}

const HTTPS_BASE: &str = "https://portico.example.com";

fn base_and_dashboard<'a>(base: &'a str, dashboard: &'a str) -> [(&'static str, &'a str); 2] {
    [("APP_BASE_URL", base), ("DASHBOARD_URL", dashboard)]
}

#[rstest]
#[case::subdomain("http://dashboard.example.com/")]
#[case::same_host("http://portico.example.com/dashboard")]
#[case::private_address("http://10.0.0.7/")]
#[case::localhost_as_subdomain("http://localhost.example.com/")]
#[case::public_ipv6_address("http://[2001:db8::1]/")]
fn dashboard_with_http_is_refused_if_base_url_is_https(#[case] dashboard: &str) {
    let text = faults(&base_and_dashboard(HTTPS_BASE, dashboard));
    assert!(text.contains("one setting is wrong"), "{text}");
    assert!(text.contains("DASHBOARD_URL is wrong: write https"), "{text}");
    let with_http = base_and_dashboard("http://portico.example.com", dashboard);
    assert!(Config::read(environment(&with_http)).is_ok());
}

#[rstest]
#[case::https("https://dashboard.example.com/")]
#[case::localhost("http://localhost:3000/")]
#[case::loopback_ipv4("http://127.0.0.1/")]
#[case::loopback_ipv6("http://[::1]/")]
fn dashboard_with_https_or_loopback_is_accepted_if_base_url_is_https(#[case] dashboard: &str) {
    assert!(Config::read(environment(&base_and_dashboard(HTTPS_BASE, dashboard))).is_ok());
}
