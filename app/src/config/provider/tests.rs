//! Settings of plug-ins, and their faults.

use portico_domain::{secret::ClientSecret, testing::samples};
use rstest::rstest;

use super::*;

fn descriptor() -> Descriptor {
    let spec = SettingSpec {
        key: "api-url".into(),
        label: "API".into(),
        help: "where the API is".into(),
        kind: FieldKind::Url,
        required: false,
        default: None,
    };
    Descriptor {
        id: ProviderId::parse("git-hub").unwrap(),
        name: "GitHub".into(),
        settings: vec![spec],
        ..samples::descriptor()
    }
}

fn read(pairs: &[(&str, &str)], file: &str) -> Result<ProviderConfig, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portico.toml");
    std::fs::write(&path, file).unwrap();
    let environment = pairs.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let sources = ProviderSources::new(environment.collect(), path, true);
    sources.read(&descriptor()).map_err(|faults| faults.to_string())
}

/// The configuration of a plug-in with this id and one setting, of this key and kind.
fn read_with_setting(id: &str, key: &str, kind: FieldKind) -> Result<ProviderConfig, String> {
    let mut descriptor = descriptor();
    descriptor.id = ProviderId::parse(id).unwrap();
    let spec = descriptor.settings.remove(0);
    descriptor.settings.push(SettingSpec { key: key.into(), kind, ..spec });
    let environment = [
        ("PORTICO_KEYS", "c2VjcmV0LWtleS1vZi1wb3J0aWNv"),
        ("APP_BASE_URL", "https://portico.example"),
        ("AZURE_CLIENT_SECRET", "azures-secret"),
        ("X_CLIENT_ID", "id"),
        ("X_CLIENT_SECRET", "of-x"),
        ("X_ALLOWED_TENANTS", "*"),
        ("X_COPIED", "it is azures-secret"),
        ("X_API_KEY", "hush"),
        ("AZURE_CLIENT_CLIENT_ID", "id"),
        ("AZURE_CLIENT_ALLOWED_TENANTS", "*"),
        ("APP_CLIENT_ID", "id"),
        ("APP_ALLOWED_TENANTS", "*"),
        ("PORTICO_CLIENT_ID", "id"),
        ("PORTICO_ALLOWED_TENANTS", "*"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portico.toml");
    let sources = ProviderSources::new(environment.into_iter().collect(), path, false);
    sources.read(&descriptor).map_err(|faults| faults.to_string())
}

#[rstest]
#[case::keys("portico", "keys")]
#[case::log("portico", "log")]
#[case::base_url("app", "base-url")]
#[case::client_secret_of_azure("azure-client", "secret")]
#[case::token_file_of_azure("azure-federated", "token-file")]
#[case::certificate_of_azure("azure-client", "certificate-path")]
fn read_refuses_setting_with_own_variable(
    #[case] id: &str,
    #[case] key: &str,
    #[values(FieldKind::Text, FieldKind::Secret)] kind: FieldKind,
) {
    let fault = read_with_setting(id, key, kind).unwrap_err();
    assert!(fault.contains("is a variable of Portico"), "{fault}");
}

#[rstest]
#[case::token("AZURE_FEDERATED_TOKEN_FILE")]
#[case::certificate("AZURE_CLIENT_CERTIFICATE_PATH")]
#[case::key("OTHER_CLIENT_KEY_FILE")]
fn read_refuses_value_that_contains_token_or_key_of_a_file(#[case] variable: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credential");
    std::fs::write(&file, "ey.workload.token\n").unwrap();
    let registered = [
        (variable, file.to_str().unwrap()),
        ("GIT_HUB_CLIENT_ID", "id"),
        ("GIT_HUB_CLIENT_SECRET", "hush"),
        ("GIT_HUB_ALLOWED_TENANTS", "*"),
        ("GIT_HUB_API_URL", "https://evil.example/ey.workload.token"),
    ];
    let fault = read(&registered, "").unwrap_err();
    assert!(fault.contains("GIT_HUB_API_URL contains a secret of Portico"), "{fault}");
}

#[test]
fn files_names_every_file_that_a_setting_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portico.toml");
    let text = "[azure]\nclient_certificate_path = \"a.pem\"\n[providers.x]\nclient_key_file = \"x.pem\"\n";
    std::fs::write(&path, text).unwrap();
    let environment = [("AZURE_FEDERATED_TOKEN_FILE", "token"), ("X_CLIENT_SECRET", "hush")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = ProviderSources::new(environment.into_iter().collect(), path.clone(), true);
    let expected = [path, "token".into(), "a.pem".into(), "x.pem".into()];
    assert_eq!(sources.files(), expected);
}

#[test]
fn read_refuses_client_secret_beside_a_key() {
    let registered = [
        ("GIT_HUB_CLIENT_ID", "id"),
        ("GIT_HUB_CLIENT_SECRET", "hush"),
        ("GIT_HUB_CLIENT_KEY_FILE", "/nowhere/key.pem"),
        ("GIT_HUB_ALLOWED_TENANTS", "*"),
    ];
    let fault = read(&registered, "").unwrap_err();
    let both = "GIT_HUB_CLIENT_SECRET and GIT_HUB_CLIENT_KEY_FILE are both set: keep one of them.";
    assert_eq!(fault, both);
    let fault = read(&[registered[0], registered[2], registered[3]], "").unwrap_err();
    assert!(fault.starts_with("GIT_HUB_CLIENT_KEY_FILE names /nowhere/key.pem: it cannot be read"));
}

#[test]
fn read_refuses_value_that_contains_own_secret() {
    let fault = read_with_setting("x", "copied", FieldKind::Text).unwrap_err();
    assert!(fault.contains("X_COPIED contains a secret of Portico"), "{fault}");
    assert!(!fault.contains("azures-secret"), "{fault}");
}

#[test]
fn read_returns_secret_setting_apart_from_settings() {
    let config = read_with_setting("x", "api-key", FieldKind::Secret).unwrap();
    assert_eq!(config.settings, Settings::default());
    assert_eq!(config.secrets["api-key"], ProviderSecret::new("hush"));
}

#[test]
fn read_uses_variables_and_table_of_the_plug_in() {
    let config = read(
        &[("GIT_HUB_CLIENT_ID", "id"), ("GIT_HUB_API_URL", "https://from.variable")],
        "[providers.git-hub]\nclient_secret = \"hush\"\nallowed_tenants = \"github.com\"\n\
         api_url = \"https://from.file\"",
    );
    let config = config.unwrap();
    assert_eq!(config.client_id, "id");
    assert_eq!(config.credential, ClientCredential::Secret(ClientSecret::new("hush")));
    assert_eq!(config.settings.get("api-url"), Some("https://from.variable"));
    let tenant = |text: &str| TenantId::parse(text).unwrap();
    assert!(config.allowed_tenants.allow(&tenant("github.com")));
    assert!(!config.allowed_tenants.allow(&tenant("evil.example")));
}

#[test]
fn read_requires_allowed_tenants() {
    let registered = [("GIT_HUB_CLIENT_ID", "id"), ("GIT_HUB_CLIENT_SECRET", "hush")];
    let faults = read(&registered, "").unwrap_err();
    assert!(faults.contains("GIT_HUB_ALLOWED_TENANTS is missing"), "{faults}");
    let everybody = [registered[0], registered[1], ("GIT_HUB_ALLOWED_TENANTS", "*")];
    assert_eq!(read(&everybody, "").unwrap().allowed_tenants, AllowedTenants::Everybody);
}

#[test]
fn read_requires_client_secret_of_confidential_client() {
    let registered = [("GIT_HUB_CLIENT_ID", "id"), ("GIT_HUB_ALLOWED_TENANTS", "*")];
    let faults = read(&registered, "").unwrap_err();
    assert!(faults.contains("GIT_HUB_CLIENT_SECRET is missing"), "{faults}");
}

#[test]
fn read_reports_every_fault_and_unknown_keys() {
    let faults = read(&[], "[providers.git-hub]\nclient_ident = \"id\"").unwrap_err();
    for named in [
        "providers.git-hub.client_ident in portico.toml is not a setting",
        "GIT_HUB_CLIENT_ID is missing: write the client id that GitHub gave",
        "GIT_HUB_ALLOWED_TENANTS is missing",
    ] {
        assert!(faults.contains(named), "{faults}");
    }
}

/// The allowed tenants of a plug-in that replaces Azure, with these variables and this file.
fn allowed_tenants_of_azure_plug_in(
    pairs: &[(&str, &str)],
    file: &str,
) -> Result<AllowedTenants, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portico.toml");
    std::fs::write(&path, file).unwrap();
    let registered = [("AZURE_CLIENT_ID", "id"), ("AZURE_CLIENT_SECRET", "hush")];
    let pairs = registered.iter().chain(pairs);
    let environment = pairs.map(|(name, value)| (name.to_string(), value.to_string()));
    let sources = ProviderSources::new(environment.collect(), path, true);
    let azure = Descriptor { id: ProviderId::parse("azure").unwrap(), ..samples::descriptor() };
    sources.read(&azure).map(|config| config.allowed_tenants).map_err(|faults| faults.to_string())
}

#[test]
fn allowed_tenants_of_azure_plug_in_default_to_configured_tenant() {
    const ONE: &str = "11111111-2222-3333-4444-555555555555";
    const OTHER: &str = "99999999-2222-3333-4444-555555555555";
    let only = |id: &str| Ok(AllowedTenants::only([TenantId::parse(id).unwrap()]));
    let tenant = ("AZURE_TENANT_ID", ONE);
    assert_eq!(allowed_tenants_of_azure_plug_in(&[tenant], ""), only(ONE));
    let named = [tenant, ("AZURE_ALLOWED_TENANTS", OTHER)];
    assert_eq!(allowed_tenants_of_azure_plug_in(&named, ""), only(OTHER));
    let in_file = format!("[azure]\nallowed_tenants = \"{OTHER}\"");
    assert_eq!(allowed_tenants_of_azure_plug_in(&[tenant], &in_file), only(OTHER));
    assert!(allowed_tenants_of_azure_plug_in(&[], "").is_err());
}

#[rstest]
fn allowed_tenants_of_azure_plug_in_is_required_with_organizations_and_common(
    #[values("organizations", "common")] tenant: &str,
) {
    let fault = allowed_tenants_of_azure_plug_in(&[("AZURE_TENANT_ID", tenant)], "").unwrap_err();
    assert!(fault.contains("AZURE_ALLOWED_TENANTS is missing"), "{fault}");
}
