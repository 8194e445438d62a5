//! Reading the tables of the apps.

mod backend;

use std::fs;

use portico_domain::{
    apps::{AccessRules, ClaimName, ClaimRule, ToldClaim},
    identity::{ProviderId, TenantId},
    signing::SigningAlgorithm,
};
use rstest::rstest;

use crate::config::Config;

const COSTS: &str = r#"
[[apps]]
id = "costs"
origins = ["https://costs.example", "https://costs.example:8443/"]
"#;

/// Reads a `portico.toml` with this text, beside the settings that a start needs.
fn read(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portico.toml");
    fs::write(&file, text).unwrap();
    let guid = "11111111-2222-3333-4444-555555555555";
    let variables = [
        ("AZURE_TENANT_ID", guid),
        ("AZURE_CLIENT_ID", guid),
        ("AZURE_CLIENT_SECRET", "hush"),
        ("PORTICO_CONFIG", file.to_str().unwrap()),
    ];
    Config::read(variables).map_err(|faults| faults.to_string())
}

#[test]
fn read_returns_apps_with_normalised_origins() {
    let apps = read(COSTS).unwrap().apps.unwrap();
    assert_eq!((apps.len(), apps[0].id.as_str()), (1, "costs"));
    let origins: Vec<_> = apps[0].origins.iter().map(|it| it.as_str()).collect();
    assert_eq!(origins, ["https://costs.example", "https://costs.example:8443"]);
    assert_eq!(read("").unwrap().apps.unwrap(), []);
}

/// The rules of one app with these keys.
fn access(keys: &str) -> Result<AccessRules, String> {
    read(&format!("{COSTS}{keys}")).map(|config| config.apps.unwrap()[0].access.clone())
}

fn rule(claim: &str, any_of: &[&str]) -> ClaimRule {
    let any_of = any_of.iter().map(|&it| it.to_owned()).collect();
    ClaimRule::new(ClaimName::parse(claim).unwrap(), any_of).unwrap()
}

#[test]
fn app_without_rules_admits_everybody() {
    assert_eq!(access(""), Ok(AccessRules::default()));
}

#[test]
fn read_returns_what_session_jwts_have() {
    let keys = "claims = [\"roles\", \"groups\"]\nsigning_algorithm = \"RS256\"";
    let config = read(&format!("{COSTS}{keys}")).unwrap();
    let app = &config.apps.unwrap()[0];
    assert_eq!(app.claims, ["roles", "groups"].map(|it| ToldClaim::parse(it).unwrap()));
    assert_eq!(app.algorithm, SigningAlgorithm::Rs256);
}

#[test]
fn read_returns_the_rules_about_access() {
    let rules = access(
        "providers = [\"azure\", \"git-hub\"]\n\
         tenants = [\"AAAAAAAA-2222-3333-4444-555555555555\", \"github.com\", \"Case\"]\n\
         require_claims = { groups = [\"g1\", \"G2\"], \"https://a.example/roles\" = [\"The Admin\"] }\n",
    );
    let tenants = ["aaaaaaaa-2222-3333-4444-555555555555", "github.com", "Case"];
    let expected = AccessRules {
        providers: ["azure", "git-hub"].map(|id| ProviderId::parse(id).unwrap()).into(),
        tenants: tenants.map(|id| TenantId::parse(id).unwrap()).into(),
        claims: vec![
            rule("groups", &["g1", "G2"]),
            rule("https://a.example/roles", &["The Admin"]),
        ],
    };
    assert_eq!(rules, Ok(expected));
}

#[rstest]
#[case::table("[apps.require_claims]\nroles = [\"Admin\"]")]
#[case::inline("require_claims = { roles = [\"Admin\"] }")]
#[case::dotted("require_claims.roles = [\"Admin\"]")]
fn required_claims_may_be_written_in_each_form_of_a_table(#[case] keys: &str) {
    let claims = vec![rule("roles", &["Admin"])];
    assert_eq!(access(keys), Ok(AccessRules { claims, ..AccessRules::default() }));
}

#[test]
fn rules_belong_to_the_app_above_them() {
    let text = format!(
        "{COSTS}[apps.require_claims]\nroles = [\"Admin\"]\n[[apps]]\nid = \"reports\"\n\
         origins = [\"https://reports.example\"]\n"
    );
    let apps = read(&text).unwrap().apps.unwrap();
    assert_eq!(apps[0].access.claims, [rule("roles", &["Admin"])]);
    assert_eq!(apps[1].access, AccessRules::default());
}

#[rstest]
#[case::provider_as_text(
    "providers = \"azure\"",
    "providers of the app costs in portico.toml must be a list of strings: write the ids of the providers"
)]
#[case::no_provider(
    "providers = []",
    "providers of the app costs in portico.toml is empty: write the ids of the providers"
)]
#[case::invalid_provider(
    "providers = [\"azure\", \"Azure\"]",
    "providers of the app costs in portico.toml has \"Azure\": a provider's id must be 1 to 32"
)]
#[case::provider_twice(
    "providers = [\"azure\", \"other\", \"azure\"]",
    "providers of the app costs in portico.toml has \"azure\" twice: write it once."
)]
#[case::tenant_as_text(
    "tenants = \"contoso\"",
    "tenants of the app costs in portico.toml must be a list of strings: write the ids of the tenants"
)]
#[case::number_in_the_list(
    "tenants = [\"contoso\", 1]",
    "tenants of the app costs in portico.toml must be a list of strings"
)]
#[case::no_tenant(
    "tenants = []",
    "tenants of the app costs in portico.toml is empty: write the ids of the tenants"
)]
#[case::invalid_tenant(
    "tenants = [\"two words\"]",
    "tenants of the app costs in portico.toml has \"two words\": a tenant's id must be 1 to 128"
)]
#[case::tenant_in_two_cases(
    "tenants = [\"aaaaaaaa-2222-3333-4444-555555555555\", \"AAAAAAAA-2222-3333-4444-555555555555\"]",
    "tenants of the app costs in portico.toml has \"AAAAAAAA-2222-3333-4444-555555555555\" twice"
)]
#[case::claims_as_list(
    "require_claims = [\"Admin\"]",
    "require_claims of the app costs in portico.toml must be a table: write each claim with the values \
     of which it must have one, such as { roles = [\"Admin\"] }."
)]
#[case::no_claim(
    "require_claims = {}",
    "require_claims of the app costs in portico.toml is empty: write each claim"
)]
#[case::invalid_claim(
    "require_claims = { \"the role\" = [\"Admin\"] }",
    "require_claims of the app costs in portico.toml has \"the role\": the name of a claim has 1 to 64"
)]
#[case::value_as_text(
    "require_claims = { roles = \"Admin\" }",
    "require_claims.roles of the app costs in portico.toml must be a list of strings: write the values"
)]
#[case::no_value(
    "require_claims = { roles = [] }",
    "require_claims.roles of the app costs in portico.toml makes no rule: a rule needs a value."
)]
#[case::empty_value(
    "require_claims = { roles = [\"\"] }",
    "require_claims.roles of the app costs in portico.toml makes no rule: a value is not empty."
)]
#[case::value_twice(
    "require_claims = { roles = [\"Admin\", \"Admin\"] }",
    "require_claims.roles of the app costs in portico.toml makes no rule: the value \"Admin\" is there twice."
)]
#[case::misspelled(
    "require_claim = { roles = [\"Admin\"] }",
    "require_claim of the app costs in portico.toml is not a setting of an app: write require_claims"
)]
#[case::singular(
    "tenant = [\"contoso\"]",
    "tenant of the app costs in portico.toml is not a setting of an app: write tenants"
)]
fn fault_of_a_rule_names_app_and_key(#[case] keys: &str, #[case] expected: &str) {
    let faults = access(keys).unwrap_err();
    assert!(faults.contains(expected), "{faults}");
    assert!(faults.contains("one setting is wrong"), "{faults}");
}

#[test]
fn all_faults_of_the_rules_are_in_one_message() {
    let faults = access(
        "providers = []\ntenants = [\"a b\", \"c d\"]\n\
         require_claims = { groups = [], roles = 1, \"\" = [\"x\"] }\n",
    );
    let faults = faults.unwrap_err();
    let named = ["providers", "\"a b\"", "\"c d\"", "claims.groups", "claims.roles", "has \"\""];
    for named in named {
        assert!(faults.contains(named), "{named} is missing in:\n{faults}");
    }
    assert!(faults.contains("6 settings are wrong"), "{faults}");
}

#[rstest]
#[case::no_tables(
    "apps = \"costs\"",
    "apps in portico.toml must be tables: write [[apps]] before each."
)]
#[case::one_table("[apps]\nid = \"costs\"", "apps in portico.toml must be tables: write [[apps]]")]
#[case::no_id(
    "[[apps]]\norigins = [\"https://a.example\"]",
    "id of the app number 1 in portico.toml is missing: write a name"
)]
#[case::number_as_id(
    "[[apps]]\nid = 1",
    "id of the app number 1 in portico.toml must be a string in quotes"
)]
#[case::invalid_id(
    "[[apps]]\nid = \"The App\"",
    "id of the app number 1 in portico.toml is \"The App\": an id has 1 to 40"
)]
#[case::no_origins(
    "[[apps]]\nid = \"costs\"",
    "origins of the app costs in portico.toml is missing: write the origins"
)]
#[case::origin_as_text(
    "[[apps]]\nid = \"costs\"\norigins = \"https://a.example\"",
    "origins of the app costs in portico.toml must be a list of strings"
)]
#[case::no_origin_in_the_list(
    "[[apps]]\nid = \"costs\"\norigins = []",
    "origins of the app costs in portico.toml is empty: write the origins"
)]
#[case::path(
    "[[apps]]\nid = \"costs\"\norigins = [\"https://a.example/x\"]",
    "origins of the app costs in portico.toml has \"https://a.example/x\": write only scheme, host and port: https://a.example."
)]
#[case::plain_http(
    "[[apps]]\nid = \"costs\"\norigins = [\"http://a.example\"]",
    "has \"http://a.example\": write https"
)]
#[case::misspelled(
    "[[apps]]\nid = \"costs\"\norigin = [\"https://a.example\"]",
    "origin of the app costs in portico.toml is not a setting of an app: write origins, or remove it."
)]
#[case::reserved_claim(
    "[[apps]]\nid = \"costs\"\norigins = [\"https://a.example\"]\nclaims = [\"sub\"]",
    "claims of the app costs in portico.toml has \"sub\": session JWTs have a claim of this name"
)]
#[case::unknown_algorithm(
    "[[apps]]\nid = \"costs\"\norigins = [\"https://a.example\"]\nsigning_algorithm = \"none\"",
    "signing_algorithm of the app costs in portico.toml is \"none\": write \"ES256\""
)]
fn fault_names_app_and_key_and_says_what_to_write(#[case] text: &str, #[case] expected: &str) {
    let faults = read(text).unwrap_err();
    assert!(faults.contains(expected), "{faults}");
}

#[test]
fn two_apps_with_one_origin_are_refused_by_name() {
    let text =
        format!("{COSTS}[[apps]]\nid = \"reports\"\norigins = [\"https://COSTS.example\"]\n");
    let faults = read(&text).unwrap_err();
    let expected = "In portico.toml the apps costs and reports both claim the origin \
                    https://costs.example: an origin leads to one app.";
    assert!(faults.contains(expected), "{faults}");
}

#[test]
fn all_faults_of_apps_and_settings_are_in_one_message() {
    let text = "listen = \"5000\"\n[[apps]]\nid = \"A\"\n[[apps]]\nid = \"b\"\norigins = [\"x\"]\n";
    let faults = read(text).unwrap_err();
    let named = ["listen in portico.toml", "id of the app number 1", "origins of the app number 1"];
    for named in named.iter().chain(&["origins of the app b"]) {
        assert!(faults.contains(named), "{named} is missing in:\n{faults}");
    }
    assert!(faults.contains("4 settings are wrong"), "{faults}");
}

#[test]
fn fault_of_an_app_keeps_no_setting_from_being_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portico.toml");
    fs::write(&file, COSTS).unwrap();
    let guid = "11111111-2222-3333-4444-555555555555";
    let text = |secret: &str, apps: &str| {
        format!(
            "[azure]\ntenant_id = \"{guid}\"\nclient_id = \"{guid}\"\nclient_secret = \"{secret}\"\n{apps}"
        )
    };
    fs::write(&file, text("hush", COSTS)).unwrap();
    let config = Config::read([("PORTICO_CONFIG", file.to_str().unwrap())]).unwrap();
    fs::write(&file, text("changed", "[[apps]]\n")).unwrap();
    let newer = config.read_again().unwrap();
    assert!(newer.azure != config.azure && newer.apps.is_err());
    assert!(config.apps_again().is_err());
    fs::write(&file, "=").unwrap();
    assert!(config.apps_again().unwrap_err()[0].contains("is not TOML"));
    fs::remove_file(&file).unwrap();
    assert!(config.apps_again().unwrap_err()[0].contains("cannot be read"));
}

#[test]
fn more_than_a_thousand_apps_are_refused() {
    let app = |n: usize| format!("[[apps]]\nid = \"a{n}\"\norigins = [\"https://a{n}.example\"]\n");
    let apps = |count| (0..count).map(app).collect::<String>();
    assert_eq!(read(&apps(1_000)).unwrap().apps.unwrap().len(), 1_000);
    let faults = read(&apps(1_001)).unwrap_err();
    assert!(faults.contains("portico.toml has 1001 apps: 1000 are allowed."), "{faults}");
}
