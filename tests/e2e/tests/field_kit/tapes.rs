//! `provider test --record` and `provider diff`: tapes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use portico_e2e::{
    Browser, Cloud, Emulator, Options, Settings, hint,
    js_plugin::{JsPlugin, provider},
    personas, plugins, program,
};
use reqwest::StatusCode;
use rstest::rstest;
use tokio::io::{AsyncBufReadExt, BufReader};

/// One test for three tapes: the plug-in takes seconds to build.
#[test]
fn provider_diff_fails_on_tape_that_cannot_be_replayed() {
    let cases = [
        ("of another provider", r#""id": "acme""#, r#""id": "github""#),
        ("malformed subject", r#""subject": "u-1""#, r#""subject": "no subject""#),
        ("malformed setting", r#""address": "https://cloud.example""#, r#""address": "nowhere""#),
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = JsPlugin::new(folder.path(), "acme").build();
    let file = file.to_str().unwrap();
    let tape = fs::read_to_string(folder.path().join("source-acme/tape.json")).unwrap();
    let diff = |tape: &str| {
        let path = folder.path().join("tape.json");
        fs::write(&path, tape).unwrap();
        provider(folder.path(), &["diff", file, file, path.to_str().unwrap()])
    };
    let (code, output) = diff(&tape);
    assert!(code == Some(0) && output.contains("No differences"), "{output}");
    let passed = cases.iter().filter(|(_, from, to)| {
        assert!(tape.contains(from), "{from}\n{tape}");
        let (code, output) = diff(&tape.replace(from, to));
        code != Some(1) || !output.contains("cannot be played")
    });
    let passed: Vec<_> = passed.map(|(case, ..)| case).collect();
    assert!(passed.is_empty(), "not refused: {passed:?}");
}

/// A GitHub plug-in whose subject is the login name, which is also the id of a subscription.
fn github_with_login_as_subject(folder: &Path) -> PathBuf {
    let sign_in = r#"signIn: { openid: "{address}", scopes: ["openid", "profile", "email"], clientAuth: "post" }"#;
    let plain = r#"signIn: {
      plain: { issuer: "{address}", authorization: "{address}/login/oauth/authorize", token: "{address}/login/oauth/access_token" },
      scopes: ["read:user", "read:org"], clientAuth: "post", userRecords: [{ url: "{address}/api/user", permission: "read" }],
    }"#;
    let people = r#"people: { subject: "/login", displayName: "/name", username: "/login" }"#;
    JsPlugin::new(folder, "github")
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

/// Records an anonymised tape of a login with this plug-in and returns its path.
async fn record_tape(cloud: Cloud, plugin: &Path, folder: &Path) -> PathBuf {
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
    // Waits until the recording Portico listens.
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

fn built_github(_: &Path) -> PathBuf {
    plugins::built("github")
}

fn built_gitlab(_: &Path) -> PathBuf {
    plugins::built("gitlab")
}

#[rstest]
#[case::github(Cloud::GitHub, built_github)]
#[case::github_with_login_as_subject(Cloud::GitHub, github_with_login_as_subject)]
#[case::gitlab(Cloud::GitLab, built_gitlab)]
#[tokio::test]
async fn anonymised_tape_contains_no_names_and_passes_checks(
    #[case] cloud: Cloud,
    #[case] plugin: fn(&Path) -> PathBuf,
) {
    let folder = tempfile::tempdir().unwrap();
    let plugin = plugin(folder.path());
    let tape = record_tape(cloud, &plugin, folder.path()).await;
    let text = fs::read_to_string(&tape).unwrap();
    for name in [personas::ZOFIA.name, personas::ZOFIA.user_name, "zofia"] {
        assert!(!text.to_lowercase().contains(&name.to_lowercase()), "{name}\n{text}");
    }
    let paths = [&plugin, &tape].map(|it| it.to_str().unwrap());
    let (_, output) = provider(folder.path(), &["test", paths[0], paths[1]]);
    assert!(output.contains("replays as recorded"), "{output}\n{text}");
    for check in ["lists-the-fixtures", "is-refused-nothing", "replays-its-tape"] {
        assert!(output.contains(&format!("ok      {check}")), "{check}: {output}\n{text}");
    }
}
