//! The backend of an app.

use portico_domain::apps::{Backend, ExchangeRule, Resource};

use super::*;

const HASH: &str = "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

const P256: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
    6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
    -----END PUBLIC KEY-----\n";

/// The backend of one app with these keys.
fn backend(keys: &str) -> Result<Backend, String> {
    read(&format!("{COSTS}{keys}"))
        .and_then(|config| config.apps.map_err(|faults| faults.join("\n")))
        .map(|apps| apps[0].backend.clone())
}

fn exchange(keys: &str) -> String {
    format!("client_secret_hashes = [\"{HASH}\"]\n[[apps.exchange]]\n{keys}")
}

#[test]
fn read_returns_credentials_and_rules() {
    assert_eq!(backend(""), Ok(Backend::default()));
    let keys = format!(
        "client_secret_hashes = [\"{HASH}\"]\nclient_public_keys = [\"\"\"{P256}\"\"\"]\n\
         [[apps.exchange]]\nprovider = \"azure\"\nresource = \"https://management.azure.com/\"\n\
         tenants = [\"AAAAAAAA-2222-3333-4444-555555555555\"]\nscopes = [\"https://a.example/.default\"]\n\
         [[apps.exchange]]\nprovider = \"google\"\nresource = \"https://management.azure.com\"\n"
    );
    let backend = backend(&keys).unwrap();
    assert_eq!((backend.secrets.len(), backend.keys.len()), (1, 1));
    let resource = Resource::parse("https://management.azure.com").unwrap();
    let tenant = TenantId::parse("aaaaaaaa-2222-3333-4444-555555555555").unwrap();
    let first = ExchangeRule {
        provider: ProviderId::parse("azure").unwrap(),
        resource: resource.clone(),
        tenants: vec![tenant],
        scopes: vec!["https://a.example/.default".into()],
    };
    let second = ExchangeRule {
        provider: ProviderId::parse("google").unwrap(),
        resource,
        tenants: Vec::new(),
        scopes: Vec::new(),
    };
    assert_eq!(backend.exchanges, [first, second]);
}

const RULE: &str = "provider = \"azure\"\nresource = \"https://a.example\"\n";

#[rstest]
#[case::secret("client_secret_hashes = [\"the-secret\"]", "entry number 1: write sha256:")]
#[case::no_list(&format!("client_secret_hashes = \"{HASH}\""), "must be a list of strings")]
#[case::empty(
    "client_secret_hashes = []",
    "client_secret_hashes of the app costs in portico.toml is empty"
)]
#[case::twice(&format!("client_secret_hashes = [\"{HASH}\", \"{HASH}\"]"), "has one twice")]
#[case::private_key(
    "client_public_keys = [\"-----BEGIN PRIVATE KEY-----\"]",
    "stays with the backend"
)]
#[case::no_key("client_public_keys = [\"ssh-rsa AAAA\"]", "write the public key as PEM")]
#[case::exchange_without_credential(&format!("[[apps.exchange]]\n{RULE}"), "nobody could use it")]
#[case::no_tables("exchange = \"azure\"", "write [[apps.exchange]] before each")]
#[case::no_provider(&exchange("resource = \"https://a.example\""), "provider of exchange number 1 of the app costs in portico.toml is missing")]
#[case::bad_provider(&exchange("provider = \"A z\"\nresource = \"https://a.example\""), "provider of exchange number 1")]
#[case::no_resource(&exchange("provider = \"azure\""), "resource of exchange number 1")]
#[case::plain_resource(&exchange("provider = \"azure\"\nresource = \"http://a.example\""), "write the https address of an API")]
#[case::misspelt(&exchange(&format!("{RULE}scope = [\"a\"]")), "is not a setting of an exchange: write scopes")]
#[case::no_tenant(&exchange(&format!("{RULE}tenants = []")), "tenants of exchange number 1 of the app costs in portico.toml is empty")]
#[case::two_scopes_in_one(&exchange(&format!("{RULE}scopes = [\"a b\"]")), "a scope has 1 to 200 visible ASCII characters")]
#[case::scope_about_the_person(&exchange(&format!("{RULE}scopes = [\"openid\"]")), "this scope is about the person")]
#[case::every_tenant(&exchange(&format!("{RULE}tenants = [\"Common\"]")), "there is no word for all")]
#[case::two_rules(&exchange(&format!("{RULE}[[apps.exchange]]\n{RULE}")), "has two tables for https://a.example of azure")]
fn read_refuses_by_name(#[case] keys: &str, #[case] expected: &str) {
    let fault = backend(keys).unwrap_err();
    assert!(fault.contains(expected), "{fault}");
    assert!(!fault.contains("the-secret"), "{fault}");
}
