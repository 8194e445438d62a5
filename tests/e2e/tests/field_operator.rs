//! What an operator and a writer of plug-ins are told when something is wrong: which entry, which file,
//! which variable, and what to do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use portico_e2e::{Cloud, guests::provider, plugins, program};
use serde_json::Value;

/// `portico provider` with these arguments below `folder`, with the settings of the OpenID provider
/// and of GitHub.
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

/// The state and the reason that `portico provider list` gives of a plug-in.
fn listed(folder: &Path, id: &str) -> (String, String) {
    let output = portico(folder, &["list", "--offline", "--json"]).output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let it = all.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap_or(&Value::Null);
    let text = |member: &str| it[member].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

#[test]
fn invalid_lock_entry_is_named_and_other_plug_ins_are_offered() {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["github", "oidc"]);
    let own = folder.path().join("providers.d");
    let lock = own.join("providers.lock");
    let granted: toml::Table = fs::read_to_string(&lock).unwrap().parse().unwrap();
    let text = |text: &str| toml::Value::String(text.into());
    let many = |all: &[&str]| toml::Value::Array(all.iter().map(|it| text(it)).collect());
    type Edit<'a> = Box<dyn Fn(&mut toml::Table) + 'a>;
    let permission = |member: &'static str, value: toml::Value| -> Edit<'_> {
        Box::new(move |entry| {
            entry["permission"][0].as_table_mut().unwrap().insert(member.into(), value.clone());
        })
    };
    let doubled: Edit<'_> = Box::new(|entry| {
        let all = entry["permission"].as_array_mut().unwrap();
        all.push(all[0].clone());
    });
    let issuer: Edit<'_> = Box::new(|entry| {
        entry["sign_in"].as_table_mut().unwrap().insert("issuer".into(), text("{nothing}"));
    });
    let subject: Edit<'_> = Box::new(|entry| {
        entry["people"].as_table_mut().unwrap().insert("subject".into(), text("id"));
    });
    let told: Edit<'_> = Box::new(|entry| {
        let all = many(&["access_token"]);
        entry["sign_in"].as_table_mut().unwrap().insert("token_reply".into(), all);
    });
    for (edit, why) in [
        (permission("request_headers", many(&["host"])), "\"host\", which is the host's"),
        (permission("reply_headers", many(&["set-cookie"])), "\"set-cookie\", which is the host's"),
        (permission("placement", text("header cookie")), "a header that takes none"),
        (permission("placement", text("cookie")), "\"cookie\" is no placement of a token"),
        (permission("hosts", many(&["*.com"])), "covers a whole top-level domain"),
        (permission("paths", many(&["orgs"])), "does not start with '/'"),
        (doubled, "grants' names are the same"),
        (issuer, "its issuer: "),
        (subject, "is not a JSON pointer"),
        (told, "which is a credential"),
    ] {
        let mut edited = granted.clone();
        let entries = edited["provider"].as_array_mut().unwrap();
        let github = entries.iter_mut().find(|it| it["id"].as_str() == Some("github")).unwrap();
        edit(github.as_table_mut().unwrap());
        fs::write(&lock, edited.to_string()).unwrap();
        let (state, reason) = listed(folder.path(), "github");
        assert_eq!(state, "not-offered", "{why}: {reason}");
        assert!(reason.contains(why) && reason.contains("not well-formed"), "{why}: {reason}");
        assert!(reason.contains("grant it again with `portico provider add "), "{reason}");
        assert_eq!(listed(folder.path(), "oidc").0, "offered", "{why}");
    }

    let file = plugins::built("github");
    let again = portico(folder.path(), &["add", "--yes", file.to_str().unwrap()]).output().unwrap();
    assert!(again.status.success(), "{again:?}");
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
    let again = portico(folder.path(), &["add", "--yes", file.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(again.status.success() && said.contains("cannot be read any more"), "{said}");
    assert_eq!(listed(folder.path(), "github").0, "offered");
}

#[test]
fn provider_list_says_previous_version_keeps_serving() {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["github"]);
    let own = folder.path().join("providers.d");
    let goes_on = "had loaded it before goes on serving that version";
    assert_eq!(listed(folder.path(), "github"), ("offered".into(), String::new()));
    fs::write(own.join("github.wasm"), b"no component").unwrap();
    let (state, reason) = listed(folder.path(), "github");
    assert!(state == "not-offered" && reason.contains("has changed since"), "{reason}");
    assert!(reason.contains(goes_on), "{reason}");
    // Nobody agreed to it, so nobody serves it.
    fs::write(own.join("oidc.wasm"), b"no component").unwrap();
    let (_, reason) = listed(folder.path(), "oidc");
    assert!(reason.contains("was not granted") && !reason.contains("goes on"), "{reason}");
    fs::write(own.join("providers.lock"), "nonsense").unwrap();
    let (_, reason) = listed(folder.path(), "./providers.d");
    assert!(reason.contains("goes on serving what it had loaded"), "{reason}");
}

#[test]
fn missing_or_wrong_plug_in_setting_is_named_by_variable_and_key() {
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["oidc"]);
    for value in ["", "no address"] {
        let list = ["list", "--offline"];
        let said = portico(folder.path(), &list).env("OIDC_ISSUER", value).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let place = "Set OIDC_ISSUER, or providers.oidc.issuer in portico.toml.";
        assert!(said.contains("the setting issuer ") && said.contains(place), "{said}");
        assert!(!said.contains(".."), "{said}");
    }
}

#[test]
fn failed_command_prints_one_full_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = plugins::built("github");
    let (code, said) =
        provider(folder.path(), &["test", file.to_str().unwrap(), "--record", "tape.json"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("GITHUB_CLIENT_ID is missing") && !said.contains(".."), "{said}");
}

#[test]
fn malformed_fixtures_are_named_with_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let (component, good) = (plugins::built("github"), folder.path().join("good.json"));
    fs::write(&good, "{}").unwrap();
    let tape = r#"{"format": "portico-tape/2", "provider": {"id": "github", "version": "1.0.0"},
        "settings": {"api-url": "nowhere"}, "person": null, "steps": []}"#;
    for (bytes, why) in [
        (&b"{"[..], "EOF"),
        (br#"{"setings": {}}"#, "setings"),
        (br#"{"replies": {"https://a.example": {}}}"#, "is no request"),
        (br#"{"format": "x"}"#, "the format \"x\""),
        (b"\xff\xfe{}", "no text in UTF-8"),
        (tape.as_bytes(), "must be an address"),
    ] {
        let bad = folder.path().join("bad.json");
        fs::write(&bad, bytes).unwrap();
        let paths = [&component, &good, &bad].map(|it| it.to_str().unwrap());
        let (code, said) = provider(folder.path(), &["test", paths[0], paths[1], paths[2]]);
        let last = said.lines().last().unwrap();
        assert_eq!(code, Some(1), "{said}");
        assert!(last.contains("bad.json") && last.contains(why), "{why}: {said}");
    }
}

#[test]
fn provider_new_refuses_taken_id_with_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in [
        ("azure", ["built into Portico", "--replace-built-in"]),
        ("portico", ["PORTICO_", "take another name"]),
        ("portico-cloud", ["PORTICO_", "take another name"]),
    ] {
        let (code, said) = provider(folder.path(), &["new", name, "--lang", "python"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(words.iter().all(|words| said.contains(words)), "{said}");
        assert!(!folder.path().join(name).exists());
    }
}

/// The first line that a command writes to standard error; it is stopped then.
fn first_line(mut command: Command) -> String {
    let stderr = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = stderr.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(running.stderr.take().unwrap()).read_line(&mut line).unwrap();
    running.kill().unwrap();
    running.wait().unwrap();
    line
}

#[test]
fn compilation_notice_is_printed_for_large_components_only() {
    let folder = tempfile::tempdir().unwrap();
    let large = plugins::built("heroku");
    let large = large.to_str().unwrap();
    for (arguments, once) in [(&["inspect", large][..], false), (&["add", "--yes", large], true)] {
        let said = first_line(portico(folder.path(), arguments));
        assert!(said.contains("Compiling") && said.contains("may take a minute"), "{said}");
        assert_eq!(said.contains("done once"), once, "{said}");
    }
    let small = plugins::built("github");
    let (code, said) = provider(folder.path(), &["inspect", small.to_str().unwrap(), "--json"]);
    assert!(code == Some(0) && serde_json::from_str::<Value>(&said).is_ok(), "{said}");
}
