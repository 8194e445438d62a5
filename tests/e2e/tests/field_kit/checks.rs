//! `provider test`, `inspect` and `add` name what is wrong with a plug-in, and what to do.

use std::fs;

use portico_e2e::js_plugin::{JsPlugin, provider};
use rstest::rstest;

const FIXTURES: &str = r#"{
    "settings": { "address": "https://cloud.example" },
    "replies": {
        "GET https://cloud.example/api/environments?page=1": {
            "headers": HEADERS, "body": { "items": [{ "key": "one", "title": "One" }] }
        }
    }
}"#;

/// Runs `provider test` for a plug-in changed by `change`; the response in its fixtures has these headers.
fn test_plugin(change: impl FnOnce(JsPlugin) -> JsPlugin, headers: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let component = change(JsPlugin::new(folder.path(), "acme")).build();
    let fixtures = folder.path().join("fixtures.json");
    fs::write(&fixtures, FIXTURES.replace("HEADERS", headers)).unwrap();
    let paths = [&component, &fixtures].map(|it| it.to_str().unwrap().to_owned());
    provider(folder.path(), &["test", &paths[0], &paths[1]])
}

/// A line of the plug-in before which code can be inserted.
const FIRST_LINE: &str = "const page = (number) =>";

const READ: &str = r#"{ permission: "read" });"#;

fn sign_in_parameter(name: &str) -> String {
    format!(r#"clientAuth: "post", parameters: {{ "{name}": "true" }} }}"#)
}

fn requests_at_once(count: usize) -> String {
    format!(
        r#"yield Array({count}).fill(get(this.projects, {{ permission: "read" }})); {FIRST_LINE}"#
    )
}

#[test]
fn provider_test_passes_the_template() {
    assert_eq!(test_plugin(|plugin| plugin, "{}").0, Some(0));
}

#[rstest]
#[case::undeclared_paging_header(
    FIRST_LINE,
    FIRST_LINE,
    r#"{"X-Next-Cursor": "7"}"#,
    "is-refused-nothing",
    "x-next-cursor"
)]
#[case::undeclared_header_that_is_read(
    FIRST_LINE,
    FIRST_LINE,
    r#"{"opc-next-page": "7"}"#,
    "declares-the-headers-it-reads",
    "opc-next-page"
)]
#[case::token_of_other_tenant(
    READ,
    r#"{ permission: "read", tenant: "b" });"#,
    "{}",
    "is-refused-nothing",
    "no capability lets read use the token of b"
)]
#[case::too_many_requests_at_once(
    FIRST_LINE, &requests_at_once(501), "{}", "is-refused-nothing", "501 requests at once"
)]
#[case::vendor_sign_in_parameter(
    r#"clientAuth: "post" }"#,
    &sign_in_parameter("include_granted_scopes"),
    "{}",
    "asks-for-sign-in-parameters-of-its-own",
    "include_granted_scopes"
)]
#[case::standard_sign_in_parameter(
    r#"clientAuth: "post" }"#,
    &sign_in_parameter("claims"),
    "{}",
    "asks-for-sign-in-parameters-of-its-own",
    "claims"
)]
fn provider_test_fails_what_host_refuses_with_rule_and_remedy(
    #[case] from: &str,
    #[case] to: &str,
    #[case] headers: &str,
    #[case] rule: &str,
    #[case] words: &str,
) {
    let (code, output) = test_plugin(|plugin| plugin.with(from, to), headers);
    assert_eq!(code, Some(1), "{output}");
    let at = output.find(&format!("FAILED  {rule}: "));
    let at = at.unwrap_or_else(|| panic!("{rule}\n{output}"));
    let check: Vec<_> = output[at..].lines().take(3).collect();
    assert!(check[1].contains("seen: ") && check[1].contains(words), "{check:?}");
    assert!(check[2].contains("do: "), "{check:?}");
}

const INSPECT: &[&str] = &["inspect"];

const ADD: &[&str] = &["add", "--yes"];

const TEST: &[&str] = &["test"];

/// Asserts that this command fails for a plug-in changed by `change`. Returns its output.
fn assert_fails(command: &[&str], change: impl FnOnce(JsPlugin) -> JsPlugin) -> String {
    let folder = tempfile::tempdir().unwrap();
    let component = change(JsPlugin::new(folder.path(), "acme")).build();
    let arguments = [command, &[component.to_str().unwrap()]].concat();
    let (code, output) = provider(folder.path(), &arguments);
    assert_eq!(code, Some(1), "{arguments:?}: {output}");
    output
}

#[rstest]
#[case::misspelled_member(
    INSPECT,
    r#"accountNoun: "project""#,
    r#"acountNoun: "project""#,
    "the descriptor has no field acountNoun"
)]
#[case::number_instead_of_text(
    ADD,
    r#"accountNoun: "project""#,
    "accountNoun: 7",
    "accountNoun has to be text, not number"
)]
#[case::text_instead_of_list(
    TEST,
    r#"hosts: ["{address}"]"#,
    r#"hosts: "{address}""#,
    "permission read.hosts has to be a list"
)]
#[case::unknown_kind(
    INSPECT,
    r#"kind: "url""#,
    r#"kind: "adress""#,
    "kind has to be one of text, url"
)]
#[case::no_descriptor(ADD, "static descriptor =", "static descripter =", "static descriptor")]
fn descriptor_error_names_the_field(
    #[case] command: &[&str],
    #[case] from: &str,
    #[case] to: &str,
    #[case] words: &str,
) {
    let output = assert_fails(command, |plugin| plugin.with(from, to));
    assert!(output.contains(words), "{output}");
    assert!(output.contains("descriptor: ") && !output.contains("trapped"), "{output}");
}

#[rstest]
#[case::nothing_exported(INSPECT, "")]
#[case::other_name_exported(ADD, "export const other = serve(Acme);")]
#[case::not_exported(TEST, "const provider = serve(Acme);")]
fn missing_provider_export_is_named_with_remedy(#[case] command: &[&str], #[case] export: &str) {
    let original = "export const provider = serve(Acme);";
    let output = assert_fails(command, |plugin| plugin.with(original, export));
    assert_eq!(output.matches("it trapped").count(), 1, "{output}");
    assert!(output.contains("in its function describe"), "{output}");
    assert!(output.contains("export const provider = serve("), "{output}");
}

#[rstest]
#[case::clock("Date.now();", "Date.now(): a provider has no clock")]
#[case::randomness("Math.random();", "Math.random(): a provider has no randomness")]
#[case::unknown_name("nothing();", "nothing is not defined")]
fn build_error_of_module_names_the_source_line(#[case] code: &str, #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let plugin = JsPlugin::new(folder.path(), "acme");
    let build = plugin.with("const PLAIN", &format!("{code}\nconst PLAIN")).try_build();
    let stderr = String::from_utf8_lossy(&build.stderr).into_owned();
    assert!(!build.status.success(), "{stderr}");
    assert!(stderr.contains(words) && stderr.contains("provider.js:6:"), "{stderr}");
}

#[rstest]
#[case::not_xml(INSPECT, "<svg")]
#[case::script(ADD, "<svg><script>1</script></svg>")]
#[case::reference(ADD, "<svg xmlns='http://www.w3.org/2000/svg'><use href='#a'/></svg>")]
fn provider_add_and_inspect_report_rejected_icon(#[case] command: &[&str], #[case] icon: &str) {
    let folder = tempfile::tempdir().unwrap();
    let with_icon = format!("version: \"0.1.0\", icon: {icon:?}");
    let plugin = JsPlugin::new(folder.path(), "acme").with(r#"version: "0.1.0""#, &with_icon);
    let component = plugin.build();
    let arguments = [command, &[component.to_str().unwrap()]].concat();
    let (code, output) = provider(folder.path(), &arguments);
    assert!(code == Some(0) && output.contains("not shown: "), "{arguments:?}: {output}");
}
