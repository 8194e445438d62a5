//! Reading the tables of the apps.

use std::fs;

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
