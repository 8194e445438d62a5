//! Incomplete listings and failures of plug-ins: warnings for the person, details in the log.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod github;

use std::time::Duration;

use portico_e2e::{
    Browser, Cloud, Emulator, Fault, FaultKind, Options, Portico, Response, Settings, Target,
    World, hint, js_plugin::JsPlugin, personas, plugins, world_with_plugins,
};
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::Value;

/// A Portico with the plug-in `acme`, which lists at the emulator's OpenID provider.
async fn world_with(plugin: impl FnOnce(JsPlugin) -> JsPlugin) -> World {
    let world = started_with(plugin).await;
    wait_until_offered(&world, "acme").await;
    world
}

/// Like [`world_with`], without waiting until the plug-in is offered.
async fn started_with(plugin: impl FnOnce(JsPlugin) -> JsPlugin) -> World {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let component = plugin(JsPlugin::new(folder.path(), "acme")).build();
    plugins::add(&folder.path().join("providers.d"), &component, plugins::KEYS);
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    for (name, value) in Cloud::Oidc.plugin_variables(emulator.http_url()) {
        settings.set(&name.replace("OIDC_", "ACME_").replace("_ISSUER", "_ADDRESS"), &value);
    }
    let portico = Portico::start(&settings).await;
    World { emulator, portico, settings, folder }
}

/// Waits until a provider is offered.
async fn wait_until_offered(world: &World, id: &str) {
    let url = format!("{}/api/providers", world.portico.base);
    let listed = async || Browser::default().get(&url).await.json();
    let is_listed = |all: &Value| all.as_array().unwrap().iter().any(|it| it["id"] == id);
    let wait = async { while !is_listed(&listed().await) {} };
    let result = tokio::time::timeout(Duration::from_secs(30), wait).await;
    assert!(result.is_ok(), "{id} is not offered:\n{}", world.portico.log());
}

/// Begins a login and requests its callback with this `Accept` header.
async fn complete_login(world: &World, provider: &str, accept: &str) -> (Browser, Response) {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let redirect = browser.begin(base, provider, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(redirect.status, StatusCode::FOUND, "{redirect:?}\n{}", world.portico.log());
    let callback = browser.get(redirect.location()).await.location();
    let shape = |request: reqwest::RequestBuilder| request.header("accept", accept);
    let response = browser.send(Method::GET, callback.as_str(), shape).await;
    (browser, response)
}

/// Signs in and returns the account.
async fn account(world: &World, provider: &str) -> Value {
    let (mut browser, response) = complete_login(world, provider, "*/*").await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    browser.session(&world.portico.base).await.json()["accounts"][0].clone()
}

/// A line of the plug-in before which code can be inserted.
const FIRST_LINE: &str = "const page = (number) =>";

fn warnings(account: &Value) -> String {
    let all = account["warnings"].as_array().unwrap();
    all.iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn reply_header(name: &str, value: &str) -> Fault {
    let kind = FaultKind::SetReplyHeader { name: name.into(), value: value.into() };
    Fault::always(Target::CloudListing(Cloud::Oidc), kind)
}

#[rstest]
#[case::cursor("x-next-cursor", "eyJvIjo2fQ")]
#[case::next_page("opc-next-page", "b3BjLXR3bw")]
#[case::partial_results("X-Results", "partial; 6 of 18")]
#[tokio::test]
async fn undeclared_paging_header_is_warned_of_and_logged(#[case] name: &str, #[case] value: &str) {
    let world = world_with(|plugin| plugin).await;
    world.emulator.fault(reply_header(name, value));
    let account = account(&world, "acme").await;
    let text = warnings(&account);
    assert!(text.contains("may be missing"), "{text}");
    assert!(!account["subscriptions"].as_array().unwrap().is_empty(), "{account}");
    let line = format!("the header {}, which no permission names", name.to_lowercase());
    world.portico.logged(|it| it.log().contains(&line)).await;
    assert!(!world.portico.log().contains(value), "{value} is in the log");
}

#[rstest]
#[case::number_of_pages("x-total-pages", "3")]
#[case::empty_cursor("x-next-cursor", "")]
#[tokio::test]
async fn header_without_next_page_is_not_warned_of(#[case] name: &str, #[case] value: &str) {
    let world = world_with(|plugin| plugin).await;
    assert_eq!(warnings(&account(&world, "acme").await), "");
    world.emulator.fault(reply_header(name, value));
    let account = account(&world, "acme").await;
    assert!(!warnings(&account).contains("may be missing"), "{account}");
    assert!(!account["subscriptions"].as_array().unwrap().is_empty(), "{account}");
}

/// The account after a listing whose requests have these options, by a plug-in that reports no
/// warnings.
async fn account_with_request_options(options: &str) -> (World, Value) {
    let world = world_with(|plugin| {
        let options = format!("{options});");
        let plugin = plugin.with(r#"{ permission: "read" });"#, &options);
        plugin.with("{ subscriptions: found, warnings };", "{ subscriptions: found };")
    })
    .await;
    let account = account(&world, "acme").await;
    (world, account)
}

const REFUSED: &str = "asked for something that it may not have";

#[rstest]
#[case::elsewhere("elsewhere")]
#[case::another("another")]
#[tokio::test]
async fn request_refused_by_host_is_warned_of(#[case] tenant: &str) {
    let options = format!(r#"{{ permission: "read", tenant: "{tenant}" }}"#);
    let (world, account) = account_with_request_options(&options).await;
    assert!(warnings(&account).contains(REFUSED), "{account}");
    let line = format!("no capability lets read use the token of {tenant}");
    world.portico.logged(|it| it.log().contains(&line)).await;
}

#[tokio::test]
async fn request_without_permission_is_not_warned_of() {
    let (_world, account) = account_with_request_options("{}").await;
    assert!(!warnings(&account).contains(REFUSED), "{account}");
}

#[rstest]
#[case::clock("Date.now();", "Date.now(): a provider has no clock")]
#[case::randomness("Math.random();", "Math.random(): a provider has no randomness")]
#[case::type_error("undefined.x;", "TypeError")]
#[case::thrown_error("throw new Error('out of cheese');", "out of cheese")]
#[tokio::test]
async fn exception_in_listing_is_plug_in_failure_with_line_in_log_only(
    #[case] code: &str,
    #[case] words: &str,
) {
    let world = world_with(|plugin| plugin.with(FIRST_LINE, &format!("{code} {FIRST_LINE}"))).await;
    let account = account(&world, "acme").await;
    let text = warnings(&account);
    assert!(text.contains("The plug-in for Acme failed"), "{code}: {text}");
    for word in ["cheese", "TypeError", "Date", "provider.js"] {
        assert!(!text.contains(word), "{code}: {text}");
    }
    world.portico.logged(|it| it.log().contains(words)).await;
    let log = world.portico.log();
    let line = log.lines().find(|line| line.contains(words)).unwrap();
    assert!(line.contains("discover: ") && line.contains("provider.js:"), "{code}: {line}");
}

#[rstest]
#[case::member_of_missing_member("/user/id")]
#[case::missing_member("/uid")]
#[case::member_of_text("/aud/0/id")]
#[case::missing_array("/amr")]
#[tokio::test]
async fn unresolved_subject_pointer_is_plug_in_failure_named_in_log(#[case] pointer: &str) {
    let declared = format!("subject: \"{pointer}\"");
    let world = world_with(|plugin| plugin.with(r#"subject: "/sub""#, &declared)).await;
    let (_, page) = complete_login(&world, "acme", "text/html").await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{page:?}");
    assert!(page.body.contains("The plug-in for Acme failed"), "{pointer}: {}", page.body);
    assert!(!page.body.contains("cannot trust") && !page.body.contains(pointer), "{page:?}");
    let (_, response) = complete_login(&world, "acme", "*/*").await;
    portico_e2e::assert_refused(&response, 502, "provider_broken");
    let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
    let line = world.portico.failure(&correlation).await[0].to_string();
    assert!(line.contains(pointer) && line.contains("/sub"), "{line}");
    assert!(!line.contains(personas::ZOFIA.user_name), "{line}");
}

#[rstest]
#[tokio::test]
async fn plug_in_with_too_many_concurrent_requests_is_refused(#[values(501, 5_000)] count: usize) {
    let many = format!(
        r#"yield Array({count}).fill(get(this.projects, {{ permission: "read" }})); {FIRST_LINE}"#
    );
    let world = world_with(|plugin| plugin.with(FIRST_LINE, &many)).await;
    let (_, response) = complete_login(&world, "acme", "*/*").await;
    portico_e2e::assert_refused(&response, 502, "provider_broken");
    let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
    let line = world.portico.failure(&correlation).await[0].to_string();
    assert!(line.contains("requests"), "{line}");
}

#[rstest]
#[case::randomness("Math.random();", "Math.random(): a provider has no randomness")]
#[case::range_error("throw new RangeError('no such region');", "RangeError: no such region")]
#[case::type_error("this.x.y = 1;", "TypeError")]
#[tokio::test]
async fn exception_in_plug_in_constructor_is_fault_naming_the_line(
    #[case] code: &str,
    #[case] words: &str,
) {
    let set = "this.projects = address + PATH;";
    let world = started_with(|plugin| plugin.with(set, &format!("{set} {code}"))).await;
    let is_named = |line: &Value| {
        let fault = line["fields"]["fault"].as_str().unwrap_or_default();
        fault.contains(words) && fault.contains("constructor: ") && fault.contains("provider.js:")
    };
    world.portico.logged(|it| it.log_lines().iter().any(is_named)).await;
    let ready = Browser::default().get(format!("{}/readyz", world.portico.base)).await;
    assert!(!ready.body.contains("provider.js"), "{ready:?}");
}
