//! The command line for plug-ins: what passes its checks works, a mistake is named where it was made, and
//! a grant has a whole life.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use portico_e2e::{
    Browser, Cloud, Emulator, Options, Settings,
    guests::{Guest, provider},
    hint, personas, plugins, program,
};
use reqwest::StatusCode;
use tokio::io::{AsyncBufReadExt, BufReader};

const FIXTURES: &str = r#"{
    "settings": { "address": "https://cloud.example" },
    "replies": {
        "GET https://cloud.example/api/environments?page=1": {
            "headers": HEADERS, "body": { "items": [{ "key": "one", "title": "One" }] }
        }
    }
}"#;

/// What `portico provider test` says of a plug-in that was changed like this, its page with these
/// headers.
fn tested(change: impl FnOnce(Guest) -> Guest, headers: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let component = change(Guest::new(folder.path(), "acme")).build();
    let fixtures = folder.path().join("fixtures.json");
    fs::write(&fixtures, FIXTURES.replace("HEADERS", headers)).unwrap();
    let paths = [&component, &fixtures].map(|it| it.to_str().unwrap().to_owned());
    provider(folder.path(), &["test", &paths[0], &paths[1]])
}

#[test]
fn provider_test_fails_what_host_refuses_with_rule_and_remedy() {
    assert_eq!(tested(|guest| guest, "{}").0, Some(0));
    let get = r#"{ permission: "read" });"#;
    let first = "const page = (number) =>";
    let parameters =
        |it: &str| format!(r#"clientAuth: "post", parameters: {{ "{it}": "true" }} }}"#);
    let many = format!("yield Array(501).fill(get(this.projects, {get} {first}")
        .replace("); const", ")); const");
    for (from, to, headers, rule, words) in [
        (first, first, r#"{"X-Next-Cursor": "7"}"#, "is-refused-nothing", "x-next-cursor"),
        (
            first,
            first,
            r#"{"opc-next-page": "7"}"#,
            "declares-the-headers-it-reads",
            "opc-next-page",
        ),
        (get, r#"{ permission: "read", tenant: "b" });"#, "{}", "is-refused-nothing", "no token"),
        (first, &many, "{}", "is-refused-nothing", "501 requests at once"),
        (
            r#"clientAuth: "post" }"#,
            &parameters("include_granted_scopes"),
            "{}",
            "asks-for-sign-in-parameters-of-its-own",
            "include_granted_scopes",
        ),
        (
            r#"clientAuth: "post" }"#,
            &parameters("claims"),
            "{}",
            "asks-for-sign-in-parameters-of-its-own",
            "claims",
        ),
    ] {
        let (code, said) = tested(|guest| guest.with(from, to), headers);
        assert_eq!(code, Some(1), "{to}\n{said}");
        let at =
            said.find(&format!("FAILED  {rule}: ")).unwrap_or_else(|| panic!("{rule}\n{said}"));
        let check: Vec<_> = said[at..].lines().take(3).collect();
        assert!(check[1].contains("seen: ") && check[1].contains(words), "{check:?}");
        assert!(check[2].contains("do: "), "{check:?}");
    }
}

const INSPECT: &[&str] = &["inspect"];
const ADD: &[&str] = &["add", "--yes"];
const TEST: &[&str] = &["test"];

/// What one of these says of a plug-in that was changed like this: it fails.
fn refused(command: &[&str], change: impl FnOnce(Guest) -> Guest) -> String {
    let folder = tempfile::tempdir().unwrap();
    let component = change(Guest::new(folder.path(), "acme")).build();
    let arguments = [command, &[component.to_str().unwrap()]].concat();
    let (code, said) = provider(folder.path(), &arguments);
    assert_eq!(code, Some(1), "{arguments:?}: {said}");
    said
}

#[test]
fn descriptor_error_names_the_field() {
    let noun = r#"accountNoun: "project""#;
    let hosts = (r#"hosts: ["{address}"]"#, r#"hosts: "{address}""#);
    for (command, from, to, words) in [
        (INSPECT, noun, r#"acountNoun: "project""#, "the descriptor has no field acountNoun"),
        (ADD, noun, "accountNoun: 7", "accountNoun has to be text, not number"),
        (TEST, hosts.0, hosts.1, "permission read.hosts has to be a list"),
        (INSPECT, r#"kind: "url""#, r#"kind: "adress""#, "kind has to be one of text, url"),
        (ADD, "static descriptor =", "static descripter =", "static descriptor"),
    ] {
        let said = refused(command, |guest| guest.with(from, to));
        assert!(said.contains(words), "{to}: {said}");
        assert!(said.contains("descriptor: ") && !said.contains("trapped"), "{to}: {said}");
    }
}

#[test]
fn missing_provider_export_is_named_with_remedy() {
    let serve = "export const provider = serve(ExampleCloud);".replace("ExampleCloud", "Acme");
    for (command, instead) in [
        (INSPECT, ""),
        (ADD, "export const other = serve(Acme);"),
        (TEST, "const provider = serve(Acme);"),
    ] {
        let said = refused(command, |guest| guest.with(&serve, instead));
        assert_eq!(said.matches("it trapped").count(), 1, "{said}");
        assert!(said.contains("in its function describe"), "{said}");
        assert!(said.contains("export const provider = serve("), "{said}");
    }
}

#[test]
fn build_error_of_module_names_the_source_line() {
    let folder = tempfile::tempdir().unwrap();
    for (at, code, words) in [
        (1, "Date.now();", "Date.now(): a provider has no clock"),
        (2, "Math.random();", "Math.random(): a provider has no randomness"),
        (3, "nothing();", "nothing is not defined"),
    ] {
        let guest = Guest::new(folder.path(), &format!("acme{at}"));
        let built = guest.with("const PLAIN", &format!("{code}\nconst PLAIN")).try_build();
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        assert!(!built.status.success(), "{said}");
        assert!(said.contains(words) && said.contains("provider.js:6:"), "{said}");
    }
}

/// Adds, in `folder`, what needs no setting.
fn add(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let file = plugins::built("github");
    let mut all = vec!["add", file.to_str().unwrap()];
    all.extend(arguments);
    provider(folder, &all)
}

#[test]
fn provider_add_restores_granted_file_without_confirmation() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    let (file, lock) = ("providers.d/github.wasm", "providers.d/providers.lock");
    let [file, lock] = [file, lock].map(|it| folder.path().join(it));
    let (whole, granted) = (fs::read(&file).unwrap(), fs::read(&lock).unwrap());
    let changes: [&dyn Fn(); 3] =
        [&|| fs::remove_file(&file).unwrap(), &|| fs::write(&file, b"another").unwrap(), &|| {
            fs::write(&file, b"").unwrap()
        }];
    for change in changes {
        change();
        let (code, said) = add(folder.path(), &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("holds it again"), "{said}");
        assert_eq!(fs::read(&file).unwrap(), whole);
    }
    let (code, said) = add(folder.path(), &[]);
    assert!(code == Some(0) && said.contains("Nothing was changed"), "{said}");
    assert_eq!(fs::read(&lock).unwrap(), granted);
}

#[test]
fn provider_remove_deletes_grant_and_file_and_names_consequences() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("providers.d");
    let gone = || {
        let lock = fs::read_to_string(plugins.join("providers.lock")).unwrap();
        !lock.contains("github") && !plugins.join("github.wasm").exists()
    };
    let prepare: [&dyn Fn(); 3] =
        [&|| (), &|| fs::remove_file(plugins.join("github.wasm")).unwrap(), &|| {
            fs::write(plugins.join("providers.lock"), "").unwrap()
        }];
    for prepare in prepare {
        assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
        prepare();
        let (code, said) = provider(folder.path(), &["remove", "github"]);
        assert!(
            code == Some(1) && said.contains("say --yes") && said.contains("sessions"),
            "{said}"
        );
        assert!(!gone());
        let (code, said) = provider(folder.path(), &["remove", "github", "--yes"]);
        assert!(code == Some(0) && said.contains("sessions") && gone(), "{said}");
    }
    assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    let (code, said) = provider(folder.path(), &["remove", "github", "--yes", "--json"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&said).unwrap(),
        serde_json::json!({"id": "github", "file": true, "grant": true})
    );
    for (name, code, words) in [
        ("github", 1, "there is no plug-in github"),
        ("azure", 1, "there is no plug-in azure"),
        ("Git/Hub", 2, "lower-case"),
        ("../x", 2, "lower-case"),
    ] {
        let (ended, said) = provider(folder.path(), &["remove", name, "--yes"]);
        assert!(ended == Some(code) && said.contains(words), "{name}: {ended:?} {said}");
    }
}

#[test]
fn provider_add_names_new_or_foreign_folder_before_writing() {
    let new = tempfile::tempdir().unwrap();
    let (code, said) = add(new.path(), &["--yes"]);
    let place = new.path().canonicalize().unwrap().join("providers.d");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("is new") && said.contains("PORTICO_PROVIDERS"), "{said}");
    assert!(said.contains(place.to_str().unwrap()), "{said}");
    assert!(!add(new.path(), &["--yes"]).1.contains("is new"));

    for others in [&["Cargo.toml", "src"][..], &[".bashrc", ".profile"], &["notes.txt"]] {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("providers.d");
        fs::create_dir(&there).unwrap();
        others.iter().for_each(|name| fs::write(there.join(name), "").unwrap());
        let (code, said) = add(folder.path(), &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(others[0]) && said.contains("PORTICO_PROVIDERS"), "{said}");
        assert!(!there.join("providers.lock").exists() && !there.join(".compiled").exists());
        assert_eq!(add(folder.path(), &["--yes"]).0, Some(0));
    }
}

#[test]
fn provider_add_and_inspect_report_rejected_icon() {
    let references = "<svg xmlns='http://www.w3.org/2000/svg'><use href='#a'/></svg>";
    for (command, icon) in
        [(INSPECT, "<svg"), (ADD, "<svg><script>1</script></svg>"), (ADD, references)]
    {
        let folder = tempfile::tempdir().unwrap();
        let with = format!("version: \"0.1.0\", icon: {icon:?}");
        let file = Guest::new(folder.path(), "acme").with(r#"version: "0.1.0""#, &with).build();
        let arguments = [command, &[file.to_str().unwrap()]].concat();
        let (code, said) = provider(folder.path(), &arguments);
        assert!(code == Some(0) && said.contains("not shown: "), "{arguments:?}: {said}");
    }
}

#[test]
fn provider_diff_fails_on_tape_that_cannot_be_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let file = Guest::new(folder.path(), "acme").build();
    let file = file.to_str().unwrap();
    let tape = fs::read_to_string(folder.path().join("source-acme/tape.json")).unwrap();
    let diff = |tape: &str| {
        let path = folder.path().join("tape.json");
        fs::write(&path, tape).unwrap();
        provider(folder.path(), &["diff", file, file, path.to_str().unwrap()])
    };
    let (code, said) = diff(&tape);
    assert!(code == Some(0) && said.contains("Nothing differs"), "{said}");
    let address = r#""address": "https://cloud.example""#;
    for (from, to) in [
        (r#""id": "acme""#, r#""id": "github""#),
        (r#""subject": "u-1""#, r#""subject": "no subject""#),
        (address, r#""address": "nowhere""#),
    ] {
        assert!(tape.contains(from), "{from}\n{tape}");
        let (code, said) = diff(&tape.replace(from, to));
        assert!(code == Some(1) && said.contains("cannot be played"), "{to}: {said}");
    }
}

/// GitHub as a careless plug-in has it: a person is their login, which they own an entry of too.
fn by_login(folder: &Path) -> PathBuf {
    let sign_in = r#"signIn: { openid: "{address}", scopes: ["openid", "profile", "email"], clientAuth: "post" }"#;
    let plain = r#"signIn: {
      plain: { issuer: "{address}", authorization: "{address}/login/oauth/authorize", token: "{address}/login/oauth/access_token" },
      scopes: ["read:user", "read:org"], clientAuth: "post", userRecords: [{ url: "{address}/api/user", permission: "read" }],
    }"#;
    let people = r#"people: { subject: "/login", displayName: "/name", username: "/login" }"#;
    Guest::new(folder, "github")
        .with(sign_in, plain)
        .with(r#"people: { subject: "/sub", displayName: "/name", username: "/email" }"#, people)
        .with(r#"PATH = "/api/environments""#, r#"PATH = "/api/user""#)
        .with("?page=${number}", "/orgs")
        .with("body.items", "body")
        .with("({ key: id, title: name })", "({ login: id, description: name })")
        .with("*discover() {", "*discover({ username }) {")
        .with("{ subscriptions: found,", "{ subscriptions: [{ id: username }, ...found],")
        .build()
}

/// Tapes a login of Zofia's with this plug-in for the cloud, anonymised: the tape.
async fn taped(cloud: Cloud, plugin: &Path, folder: &Path) -> PathBuf {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let tape = folder.join(format!("{}.json", cloud.name()));
    let settings = Settings::new(&emulator, folder);
    let mut recording = tokio::process::Command::new(program("portico"))
        .args(["provider", "test"])
        .arg(plugin)
        .args(["--anonymise", "--record"])
        .arg(&tape)
        .current_dir(folder)
        .env_clear()
        .envs(cloud.plugin_variables(emulator.http_url()))
        .env("GITHUB_ADDRESS", Cloud::GitHub.url(emulator.http_url()).to_string())
        .env("APP_BASE_URL", &settings.base)
        .env("PORTICO_LISTEN", settings.base.trim_start_matches("http://"))
        .env("PORTICO_STORE", "memory:")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // It listens by then.
    let mut log = BufReader::new(recording.stderr.take().unwrap()).lines();
    while let Some(line) = log.next_line().await.unwrap() {
        if line.contains("Portico listens") {
            break;
        }
    }
    let rest = tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
    let mut browser = Browser::default();
    let url =
        format!("{}/api/login/{}?{}", settings.base, cloud.name(), hint(personas::ZOFIA.user_name));
    let redirect = browser.get(url).await;
    let callback = browser.get(redirect.location()).await.location();
    assert_eq!(browser.get(callback).await.status, StatusCode::FOUND);
    assert!(recording.wait().await.unwrap().success());
    rest.await.unwrap();
    tape
}

#[tokio::test]
async fn anonymised_tape_contains_no_names_and_passes_checks() {
    let guests = tempfile::tempdir().unwrap();
    for (cloud, plugin) in [
        (Cloud::GitHub, plugins::built("github")),
        (Cloud::GitHub, by_login(guests.path())),
        (Cloud::GitLab, plugins::built("gitlab")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let tape = taped(cloud, &plugin, folder.path()).await;
        let text = fs::read_to_string(&tape).unwrap();
        for trace in [personas::ZOFIA.name, personas::ZOFIA.user_name, "zofia"] {
            assert!(!text.to_lowercase().contains(&trace.to_lowercase()), "{trace}\n{text}");
        }
        let paths = [&plugin, &tape].map(|it| it.to_str().unwrap());
        let (_, said) = provider(folder.path(), &["test", paths[0], paths[1]]);
        assert!(said.contains("plays as it was taped"), "{}: {said}\n{text}", cloud.name());
        for check in ["lists-the-fixtures", "is-refused-nothing", "replays-its-tape"] {
            assert!(said.contains(&format!("ok      {check}")), "{check}: {said}\n{text}");
        }
    }
}
