//! Errors of `portico provider` name the entry, file or variable, and the remedy.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use portico_e2e::{Cloud, js_plugin::provider, plugins, program};
use rstest::rstest;
use serde_json::Value;

/// `portico provider` with these arguments in `folder`, with the settings of the plug-ins `oidc` and
/// `github`.
fn portico(folder: &Path, arguments: &[&str]) -> Command {
    let nowhere = "http://127.0.0.1:9/".parse().unwrap();
    let mut command = Command::new(program("portico"));
    command
        .arg("provider")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PORTICO_STORE", "memory:")
        .env("PORTICO_KEYS", plugins::KEYS)
        .envs(Cloud::Oidc.plugin_variables(&nowhere))
        .envs(Cloud::GitHub.plugin_variables(&nowhere));
    command
}

/// The state and reason of a plug-in in `portico provider list`.
fn listed(folder: &Path, id: &str) -> (String, String) {
    let output = portico(folder, &["list", "--offline", "--json"]).output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = all.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap_or(&Value::Null);
    let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

fn list(texts: &[&str]) -> toml::Value {
    texts.iter().copied().map(toml::Value::from).collect::<Vec<_>>().into()
}

/// Sets a member of the table at this key of an entry of the lock, or of its first permission.
fn set(entry: &mut toml::Table, table: &str, member: &str, value: impl Into<toml::Value>) {
    let table = match &mut entry[table] {
        toml::Value::Array(permissions) => &mut permissions[0],
        table => table,
    };
    table.as_table_mut().unwrap().insert(member.into(), value.into());
}

fn duplicate_permission(entry: &mut toml::Table) {
    let permissions = entry["permission"].as_array_mut().unwrap();
    permissions.push(permissions[0].clone());
}

#[rstest]
#[case::reserved_request_header(
    |it: &mut _| set(it, "permission", "request_headers", list(&["host"])),
    "\"host\", which is the host's"
)]
#[case::reserved_reply_header(
    |it: &mut _| set(it, "permission", "reply_headers", list(&["set-cookie"])),
    "\"set-cookie\", which is the host's"
)]
#[case::token_in_cookie_header(
    |it: &mut _| set(it, "permission", "placement", "header cookie"),
    "a header that takes none"
)]
#[case::unknown_placement(
    |it: &mut _| set(it, "permission", "placement", "cookie"),
    "\"cookie\" is no placement of a token"
)]
#[case::top_level_domain(
    |it: &mut _| set(it, "permission", "hosts", list(&["*.com"])),
    "covers a whole top-level domain"
)]
#[case::relative_path(
    |it: &mut _| set(it, "permission", "paths", list(&["orgs"])),
    "does not start with '/'"
)]
#[case::duplicate_permission(duplicate_permission, "grants' names are the same")]
#[case::unknown_setting(|it: &mut _| set(it, "sign_in", "issuer", "{nothing}"), "its issuer: ")]
#[case::no_json_pointer(|it: &mut _| set(it, "people", "subject", "id"), "is not a JSON pointer")]
#[case::token_to_plug_in(
    |it: &mut _| set(it, "sign_in", "token_reply", list(&["access_token"])),
    "which is a credential"
)]
fn invalid_lock_entry_is_named_and_other_plug_ins_are_offered(
    #[case] edit: fn(&mut toml::Table),
    #[case] reason: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["github", "oidc"]);
    let path = folder.path().join("providers.d/providers.lock");
    let mut lock: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
    let entries = lock["provider"].as_array_mut().unwrap();
    let github = entries.iter_mut().find(|it| it["id"].as_str() == Some("github")).unwrap();
    edit(github.as_table_mut().unwrap());
    fs::write(&path, lock.to_string()).unwrap();
    let (state, found) = listed(folder.path(), "github");
    assert_eq!(state, "not-offered", "{found}");
    assert!(found.contains(reason) && found.contains("not well-formed"), "{found}");
    assert!(found.contains("grant it again with `portico provider add "), "{found}");
    assert_eq!(listed(folder.path(), "oidc").0, "offered");

    let file = plugins::built("github");
    let add = ["add", "--yes", file.to_str().unwrap()];
    let output = portico(folder.path(), &add).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(listed(folder.path(), "github"), ("offered".into(), String::new()));
}

#[test]
fn provider_add_replaces_unreadable_lock_entry() {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["github"]);
    let lock = folder.path().join("providers.d/providers.lock");
    let text = fs::read_to_string(&lock).unwrap();
    fs::write(&lock, text.replacen("\"bearer\"", "\"cookie\"", 1)).unwrap();
    let file = plugins::built("github");
    let add = ["add", "--yes", file.to_str().unwrap()];
    let output = portico(folder.path(), &add).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && stdout.contains("cannot be read any more"), "{stdout}");
    assert_eq!(listed(folder.path(), "github").0, "offered");
}

#[test]
fn provider_list_says_previous_version_keeps_serving() {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["github"]);
    let own = folder.path().join("providers.d");
    let keeps_serving = "loaded it before keeps serving that version";
    assert_eq!(listed(folder.path(), "github"), ("offered".into(), String::new()));
    fs::write(own.join("github.wasm"), b"no component").unwrap();
    let (state, reason) = listed(folder.path(), "github");
    assert!(state == "not-offered" && reason.contains("has changed since"), "{reason}");
    assert!(reason.contains(keeps_serving), "{reason}");
    // A plug-in without a grant was never loaded.
    fs::write(own.join("oidc.wasm"), b"no component").unwrap();
    let (_, reason) = listed(folder.path(), "oidc");
    assert!(reason.contains("was not granted") && !reason.contains("keeps serving"), "{reason}");
    fs::write(own.join("providers.lock"), "nonsense").unwrap();
    let (_, reason) = listed(folder.path(), "./providers.d");
    assert!(reason.contains("keeps serving the plug-ins that it loaded"), "{reason}");
}

#[rstest]
#[case::missing("")]
#[case::malformed("no address")]
fn missing_or_wrong_plug_in_setting_is_named_by_variable_and_key(#[case] value: &str) {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["oidc"]);
    let list = ["list", "--offline"];
    let output = portico(folder.path(), &list).env("OIDC_ISSUER", value).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let names = "Set OIDC_ISSUER, or providers.oidc.issuer in portico.toml.";
    assert!(stdout.contains("the setting issuer ") && stdout.contains(names), "{stdout}");
    assert!(!stdout.contains(".."), "{stdout}");
}

#[test]
fn failed_command_prints_one_full_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = plugins::built("github");
    let (code, output) =
        provider(folder.path(), &["test", file.to_str().unwrap(), "--record", "tape.json"]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("GITHUB_CLIENT_ID is missing") && !output.contains(".."), "{output}");
}

const TAPE_WITH_MALFORMED_SETTING: &str = r#"{
    "format": "portico-tape/2", "provider": {"id": "github", "version": "1.0.0"},
    "settings": {"api-url": "nowhere"}, "person": null, "steps": []
}"#;

#[rstest]
#[case::truncated(b"{", "EOF")]
#[case::misspelled_member(br#"{"setings": {}}"#, "setings")]
#[case::reply_without_method(br#"{"replies": {"https://a.example": {}}}"#, "is no request")]
#[case::unknown_format(br#"{"format": "x"}"#, "the format \"x\"")]
#[case::not_utf_8(b"\xff\xfe{}", "not valid UTF-8")]
#[case::malformed_setting(TAPE_WITH_MALFORMED_SETTING.as_bytes(), "must be an address")]
fn malformed_fixtures_are_named_with_the_error(#[case] bytes: &[u8], #[case] error: &str) {
    let folder = tempfile::tempdir().unwrap();
    let [good, bad] = ["good.json", "bad.json"].map(|name| folder.path().join(name));
    fs::write(&good, "{}").unwrap();
    fs::write(&bad, bytes).unwrap();
    let component = plugins::built("github");
    let paths = [&component, &good, &bad].map(|it| it.to_str().unwrap());
    let (code, output) = provider(folder.path(), &["test", paths[0], paths[1], paths[2]]);
    let last = output.lines().last().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(last.contains("bad.json") && last.contains(error), "{output}");
}

#[rstest]
#[case::built_in("azure", ["built into Portico", "--replace-built-in"])]
#[case::prefix_of_portico_variables("portico", ["PORTICO_", "take another name"])]
#[case::id_that_begins_with_the_prefix("portico-cloud", ["PORTICO_", "take another name"])]
fn provider_new_refuses_taken_id_with_remedy(#[case] id: &str, #[case] texts: [&str; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let (code, output) = provider(folder.path(), &["new", id, "--lang", "python"]);
    assert_eq!(code, Some(1), "{output}");
    assert!(texts.iter().all(|text| output.contains(text)), "{output}");
    assert!(!folder.path().join(id).exists());
}

/// Runs a command until it has written one line to stderr, and returns that line.
fn first_line(mut command: Command) -> String {
    let stderr = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = stderr.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    line
}

#[test]
fn compilation_notice_is_printed_for_large_components_only() {
    let folder = tempfile::tempdir().unwrap();
    let large = plugins::built("heroku");
    let large = large.to_str().unwrap();
    for (arguments, once) in [(&["inspect", large][..], false), (&["add", "--yes", large], true)] {
        let output = first_line(portico(folder.path(), arguments));
        assert!(output.contains("Compiling") && output.contains("may take a minute"), "{output}");
        assert_eq!(output.contains("done once"), once, "{output}");
    }
    let small = plugins::built("github");
    let (code, output) = provider(folder.path(), &["inspect", small.to_str().unwrap(), "--json"]);
    assert!(code == Some(0) && serde_json::from_str::<Value>(&output).is_ok(), "{output}");
}
