//! Input of the program: configuration, `providers.lock`, plug-ins and their return values.

use std::{collections::BTreeMap, io::Write};

use portico::Config;
use portico_domain::{
    address::may_be_called,
    provider::{
        Descriptor, Permission, SettingSpec, SignInTemplate, Step, template::check_address,
    },
    text::clean,
};
use portico_plugins::testing;
use portico_wasm::{
    inspect,
    testing::{Answered, answered},
};
use url::Url;

use crate::text;

/// Environment variables as `NAME=value` up to a line `---`, then `portico.toml`. No reported fault
/// contains a secret.
pub fn configuration(data: &[u8]) {
    let Some(input) = text(data) else { return };
    let (variables, file) = input.split_once("---\n").unwrap_or((input, ""));
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    // These variables name files of this machine, which are not part of the input.
    let variables =
        variables.filter(|(name, _)| !name.ends_with("_FILE") && !name.contains("CONFIG"));
    let environment: BTreeMap<String, String> =
        variables.map(|(name, value)| (name.into(), value.into())).collect();

    match read(environment.clone(), file) {
        Ok(config) => check_config(&config),
        Err(shown) => {
            let secrets = secrets(&environment, file);
            let once = secrets.into_iter().filter(|secret| input.matches(secret).count() == 1);
            for secret in once.filter(|secret| shown.contains(secret)) {
                let is_own_wording = faults_without(secret, &environment, file).contains(secret);
                assert!(is_own_wording, "{secret} is shown: {shown}");
            }
        }
    }
}

/// The faults reported when the secret is replaced: text that is still there is Portico's own
/// wording, not the secret.
fn faults_without(secret: &str, environment: &BTreeMap<String, String>, file: &str) -> String {
    let without = |text: &str| text.replace(secret, &"x".repeat(secret.len()));
    let environment = environment.iter().map(|(name, value)| (name.clone(), without(value)));
    read(environment.collect(), &without(file)).err().unwrap_or_default()
}

/// The configuration, or all texts of its faults.
fn read(mut environment: BTreeMap<String, String>, file: &str) -> Result<Config, String> {
    let mut written = tempfile::NamedTempFile::new().unwrap();
    written.write_all(file.as_bytes()).unwrap();
    let path = written.path().to_str().unwrap().to_owned();
    environment.insert("PORTICO_CONFIG".into(), path);
    let read = Config::read(environment);
    read.map_err(|faults| format!("{faults} {faults:?} {}", faults.sentences()))
}

/// The secrets in the input that have at least eight characters.
fn secrets<'a>(environment: &'a BTreeMap<String, String>, file: &'a str) -> Vec<&'a str> {
    let secret = |name: &str| name.ends_with("CLIENT_SECRET") || name == "PORTICO_KEYS";
    let variables = environment.iter().filter(|(name, _)| secret(name)).map(|(_, value)| &**value);
    // Found without a TOML parser, since faults are reported for invalid TOML too.
    let lines = file.lines().filter_map(|line| line.split_once('='));
    let keys = lines.filter(|(key, _)| ["client_secret", "keys"].contains(&key.trim()));
    let values = keys.map(|(_, value)| value.trim().trim_matches('"'));
    let values = variables.map(str::trim).chain(values);
    values
        .filter(|secret| secret.len() >= 8 && secret.chars().all(|c| c.is_ascii_graphic()))
        .collect()
}

fn check_config(config: &Config) {
    let plain = |url: &Url| url.username().is_empty() && url.password().is_none();
    let server = &config.server;
    let dashboards = std::iter::once(&server.dashboards.first).chain(&server.dashboards.others);
    for url in std::iter::once(&server.app_base_url).chain(dashboards) {
        assert!(matches!(url.scheme(), "http" | "https") && plain(url) && url.has_host(), "{url}");
    }
    assert!(config.sessions.idle <= config.sessions.max && config.sessions.idle.as_secs() >= 60);
    if let Some(azure) = &config.azure {
        assert!(!azure.allowed_tenants.is_empty(), "no allowed tenants");
        assert!(azure.credential.text().is_some_and(|text| !text.expose().is_empty()));
        for url in [&azure.authority_host, &azure.resource_manager_url] {
            assert!(may_be_called(url) && plain(url), "{url}");
        }
    }
    let shown = format!("{config:?}");
    for secret in config.azure.iter().filter_map(|azure| azure.credential.text()) {
        let secret = secret.expose();
        assert!(secret.len() < 16 || !shown.contains(secret), "{shown}");
    }
}

/// `providers.lock`: writing and reading it again gives the same permissions.
pub fn providers_lock(data: &[u8]) {
    let Some(lock) = text(data).and_then(testing::lock) else { return };
    let again = testing::lock(&lock.written).unwrap();
    assert_eq!(again.granted, lock.granted, "{}", lock.written);
    assert_eq!(again.written, lock.written);
}

/// A plug-in file, inspected before it is compiled.
pub fn component(data: &[u8]) {
    let first = inspect(data);
    match (&first, inspect(data)) {
        (Ok(one), Ok(other)) => {
            assert_eq!(*one, other);
            assert_eq!(one.bytes, data.len());
            assert!(data.starts_with(b"\0asm"));
        }
        (Err(_), Err(_)) => {}
        _ => panic!("inspect is not deterministic"),
    }
    if let Err(error) = first {
        assert!(error.to_string().len() < 4_096, "{error}");
    }
}

/// Return values of a plug-in, as lines. Accepted values obey the rules of the interface.
pub fn component_answer(data: &[u8]) {
    let Some(lines) = text(data) else { return };
    match answered(lines) {
        Answered::Descriptor(Ok(descriptor)) => check_descriptor(&descriptor),
        Answered::SignIn(Ok(sign_in)) => check_sign_in(&sign_in, &[]),
        Answered::Identity(Ok(identity)) => {
            assert_eq!(clean(&identity.display_name, 256), identity.display_name);
        }
        Answered::Step(Ok(Step::Fetch { requests, .. })) => {
            for request in requests {
                assert!(matches!(request.url.scheme(), "http" | "https"), "{}", request.url);
                assert!(request.url.username().is_empty() && request.url.password().is_none());
                check_headers(&request.headers);
            }
        }
        Answered::Step(Ok(Step::Done(_))) => {}
        Answered::Descriptor(Err(problem))
        | Answered::SignIn(Err(problem))
        | Answered::Identity(Err(problem))
        | Answered::Step(Err(problem))
        | Answered::Problem(problem) => {
            let shown = problem.to_string();
            assert!(shown.len() < 16_384, "{shown}");
        }
    }
}

fn check_descriptor(descriptor: &Descriptor) {
    assert_eq!(clean(&descriptor.name, 64), descriptor.name);
    assert_eq!(clean(&descriptor.account_noun, 32), descriptor.account_noun);
    descriptor.permissions.iter().for_each(check_permission);
    check_sign_in(&descriptor.sign_in, &descriptor.settings);
}

fn check_permission(permission: &Permission) {
    assert_eq!(clean(&permission.name, 64), permission.name);
    for host in &permission.hosts {
        assert!(!host.contains(['/', '?', '#', '@', '\\', ' ']) && !host.is_empty(), "{host}");
        let wildcards = host.matches('*').count();
        assert!(wildcards == usize::from(host.starts_with("*.")), "{host}");
        assert!(
            wildcards == 0 || host.matches('.').count() >= 2,
            "{host} is a wildcard below a top-level domain"
        );
    }
    assert!(
        permission.paths.iter().all(|path| path.starts_with('/') && !path.contains(['?', '#']))
    );
}

fn check_sign_in(sign_in: &SignInTemplate, settings: &[SettingSpec]) {
    for (what, template) in sign_in.endpoints.addresses() {
        assert_eq!(check_address(template, settings, true), Ok(()), "{what}");
    }
    for record in &sign_in.user_records {
        assert_eq!(check_address(&record.url, settings, false), Ok(()));
        check_headers(&record.headers);
    }
}

fn check_headers(headers: &[(String, String)]) {
    for (name, value) in headers {
        assert!(http::HeaderName::try_from(name).is_ok(), "{name:?}");
        assert!(http::HeaderValue::try_from(value).is_ok(), "{value:?}");
    }
}
