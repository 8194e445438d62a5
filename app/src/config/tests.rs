//! A configuration is read whole: what is right is taken, and every fault is named at once.

use std::time::Duration;

use portico_domain::{identity::TenantId, secret::ClientSecret};

use super::*;

const GUID: &str = "11111111-2222-3333-4444-555555555555";

fn environment(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let required = [
        ("AZURE_TENANT_ID", GUID),
        ("AZURE_CLIENT_ID", GUID),
        ("AZURE_CLIENT_SECRET", "hush"),
        // No test reads a file of the folder it happens to run in.
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
        "APP_BASE_URL is \"https://portico.example.com/base\": write scheme, host and port alone",
        "AZURE_SUBSCRIPTIONS_AS is \"both\": write application or user",
    ] {
        assert!(text.contains(named), "{named} is missing in:\n{text}");
    }
}

#[test]
fn authority_host_with_http_is_accepted_for_loopback_only() {
    let text = faults(&[("AZURE_AUTHORITY_HOST", "http://login.example.com")]);
    assert!(text.contains("AZURE_AUTHORITY_HOST"), "{text}");
    for loopback in ["http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"] {
        assert!(Config::read(environment(&[("AZURE_AUTHORITY_HOST", loopback)])).is_ok());
    }
    for outside in ["http://localhost.evil.example", "http://128.0.0.1", "http://10.0.0.1"] {
        assert!(Config::read(environment(&[("AZURE_AUTHORITY_HOST", outside)])).is_err());
    }
}

#[test]
fn allowed_tenants_is_required_with_organizations_and_common() {
    let text = faults(&[("AZURE_TENANT_ID", "organizations")]);
    assert!(text.contains("AZURE_ALLOWED_TENANTS is missing"), "{text}");
    let two = format!("{GUID}, {GUID}");
    let given = [("AZURE_TENANT_ID", "organizations"), ("AZURE_ALLOWED_TENANTS", two.as_str())];
    assert_eq!(Config::read(environment(&given)).unwrap().azure.unwrap().allowed_tenants.len(), 2);
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
    assert_eq!(config.azure.as_ref().unwrap().client_secret, ClientSecret::new("from-a-file"));
    assert!(!format!("{config:?}").contains("from-a-file"));

    let text = faults(&[("AZURE_CLIENT_SECRET_FILE", path)]);
    assert!(text.contains("are both set"), "{text}");
    let missing = [("AZURE_CLIENT_SECRET", ""), ("AZURE_CLIENT_SECRET_FILE", "/nowhere/secret")];
    assert!(faults(&missing).contains("AZURE_CLIENT_SECRET_FILE names /nowhere/secret"));
}

#[test]
fn environment_overrides_file_and_unknown_key_is_a_fault() {
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

    std::fs::write(&path, "lisen = \"127.0.0.1:6000\"\nlisten = 6000\n").unwrap();
    let text = faults(&[named]);
    assert!(text.contains("lisen in "), "{text}");
    assert!(text.contains("listen in ") && text.contains("must be a string"), "{text}");
    std::fs::write(&path, "listen = ").unwrap();
    assert!(faults(&[named]).contains("is not TOML"));
    std::fs::write(&path, "[azure]\nclient_secret = \"very-secret\n").unwrap();
    let text = faults(&[named]);
    assert!(text.contains("is not TOML: line 2: ") && !text.contains("very-secret"), "{text}");
    assert!(faults(&[("PORTICO_CONFIG", "/nowhere.toml")]).contains("/nowhere.toml"));
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

#[test]
fn guid_is_lowercased_and_refused_in_other_notation() {
    let guid = "7A8B9C0D-1111-2222-3333-4444ABCDEFAB";
    let small = guid.to_ascii_lowercase();
    let ids = [("AZURE_TENANT_ID", guid), ("AZURE_CLIENT_ID", guid)];
    let azure = Config::read(environment(&ids)).unwrap().azure.unwrap();
    assert_eq!((azure.tenant, azure.client_id), (small.clone(), small.clone()));
    for other in [format!("{{{guid}}}"), guid.replace('-', ""), format!("urn:uuid:{guid}")] {
        let text = faults(&[("AZURE_TENANT_ID", &other)]);
        assert!(text.contains(&format!("write it as {small}")), "{text}");
    }
    for none in ["7A8B9C0D-1111", "contoso", "{}"] {
        assert!(faults(&[("AZURE_CLIENT_ID", none)]).contains("(client) id, a GUID"), "{none}");
    }
}

#[test]
fn log_filter_must_enable_a_level_for_portico() {
    for (given, kept) in [
        ("info", "info"),
        ("INFO, hyper=warn", "INFO,hyper=warn"),
        ("off", "off"),
        ("portico_http", "portico_http"),
        ("portico=debug,hyper=warn", "portico=debug,hyper=warn"),
        ("info,[login{a=b}]=trace", "info,[login{a=b}]=trace"),
    ] {
        assert_eq!(telemetry::log_filter(given).as_deref(), Ok(kept), "{given}");
    }
    for bad in ["verbose", "warning", "info,verbose", "hyper=debug", "portico=loud", "==", ","] {
        assert!(telemetry::log_filter(bad).unwrap_err().contains("warn, info, debug"), "{bad}");
    }
}

#[test]
fn dashboard_must_be_https_or_loopback_if_base_url_is_https() {
    let both = |base, dashboard| [("APP_BASE_URL", base), ("DASHBOARD_URL", dashboard)];
    let (http, https) = ("http://portico.example.com", "https://portico.example.com");
    for dashboard in [
        "http://dashboard.example.com/",
        "http://portico.example.com/dashboard",
        "http://10.0.0.7/",
        "http://localhost.example.com/",
        "http://[2001:db8::1]/",
    ] {
        let text = faults(&both(https, dashboard));
        assert!(text.contains("one setting is wrong"), "{text}");
        assert!(text.contains("DASHBOARD_URL is wrong: write https"), "{text}");
        assert!(Config::read(environment(&both(http, dashboard))).is_ok(), "{dashboard}");
    }
    for dashboard in [
        "https://dashboard.example.com/",
        "http://localhost:3000/",
        "http://127.0.0.1/",
        "http://[::1]/",
    ] {
        assert!(Config::read(environment(&both(https, dashboard))).is_ok(), "{dashboard}");
    }
}
