//! What a cloud hides is said, and what is wrong with a plug-in is called the plug-in's: in the running
//! program.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_e2e::{
    Answer, Browser, Cloud, Emulator, Fault, FaultKind, Options, Portico, Settings, Target, World,
    guests::Guest, hint, personas, plugins, world_of,
};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A Portico with this plug-in of a test's own, `acme`, before the emulator's OpenID provider.
async fn world_with(guest: impl FnOnce(Guest) -> Guest) -> World {
    let world = started_with(guest).await;
    offered(&world, "acme").await;
    world
}

/// The same, whatever becomes of the plug-in.
async fn started_with(guest: impl FnOnce(Guest) -> Guest) -> World {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let component = guest(Guest::new(folder.path(), "acme")).build();
    plugins::add(&folder.path().join("providers.d"), &component, plugins::KEYS);
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    for (name, value) in Cloud::Oidc.plugin_variables(emulator.http_url()) {
        settings.set(&name.replace("OIDC_", "ACME_").replace("_ISSUER", "_ADDRESS"), &value);
    }
    let portico = Portico::start(&settings).await;
    World { emulator, portico, settings, folder }
}

/// Waits until it is offered.
async fn offered(world: &World, id: &str) {
    let url = format!("{}/api/providers", world.portico.base);
    let listed = async || Browser::default().get(&url).await.json();
    let is_there = |all: &Value| all.as_array().unwrap().iter().any(|it| it["id"] == id);
    let wait = async { while !is_there(&listed().await) {} };
    let came = tokio::time::timeout(Duration::from_secs(30), wait).await;
    assert!(came.is_ok(), "{id} is not offered:\n{}", world.portico.log());
}

/// Zofia's callback, called as a browser does that wants this.
async fn called_back(world: &World, provider: &str, accept: &str) -> (Browser, Answer) {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let redirect = browser.begin(base, provider, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(redirect.status, StatusCode::FOUND, "{redirect:?}\n{}", world.portico.log());
    let callback = browser.get(redirect.location()).await.location();
    let shape = |request: reqwest::RequestBuilder| request.header("accept", accept);
    let response = browser.send(Method::GET, callback.as_str(), shape).await;
    (browser, response)
}

/// Signs Zofia in: her account.
async fn account(world: &World, provider: &str) -> Value {
    let (mut browser, response) = called_back(world, provider, "*/*").await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    browser.session(&world.portico.base).await.json()["accounts"][0].clone()
}

fn warnings(account: &Value) -> String {
    let all = account["warnings"].as_array().unwrap();
    all.iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn at_github(world: &World, kind: FaultKind) {
    world.emulator.clear_faults();
    world.emulator.fault(Fault::always(Target::CloudListing(Cloud::GitHub), kind));
}

#[tokio::test]
async fn github_organisations_hidden_by_single_sign_on_are_named_with_remedy() {
    let world = world_of(&["github"], &[]).await;
    offered(&world, "github").await;
    let everything = account(&world, "github").await["subscriptions"].as_array().unwrap().len();
    for hidden in [&[9919101, 9919104][..], &[9919105], &[9919101, 9919102, 9919103, 9919104]] {
        at_github(&world, FaultKind::SingleSignOn { organizations: hidden.to_vec() });
        let account = account(&world, "github").await;
        let listed = account["subscriptions"].as_array().unwrap().len();
        assert_eq!(listed, everything - hidden.len(), "{account}");
        let said = warnings(&account);
        assert!(
            said.contains("single sign-on") && said.contains("settings/organizations"),
            "{said}"
        );
        let tenants = account["tenants"].as_array().unwrap();
        assert_eq!(tenants.len(), hidden.len(), "{account}");
        for number in hidden {
            let number = number.to_string();
            assert!(said.contains(&number), "{said}");
            let tenant = tenants.iter().find(|it| it["id"] == *number).unwrap();
            assert_eq!(tenant["state"], "wants_consent");
            assert_eq!(tenant["mender"], "person");
        }
    }
}

#[tokio::test]
async fn github_listing_refused_for_single_sign_on_names_sign_in_url() {
    let world = world_of(&["github"], &[]).await;
    offered(&world, "github").await;
    let site = Cloud::GitHub.url(world.emulator.http_url());
    let own = format!("{site}/orgs/contoso/sso?authorization_request=AZSCKtL4U8yX");
    for (url, shown) in [
        (own.as_str(), own.as_str()),
        ("https://evil.example/sso", "/settings/organizations"),
        ("javascript:alert(1)", "/settings/organizations"),
    ] {
        at_github(&world, FaultKind::SingleSignOnRequired { url: url.to_owned() });
        let said = warnings(&account(&world, "github").await);
        assert!(said.contains(shown) && said.contains("single sign-on"), "{url}: {said}");
        assert!(!said.contains("evil") && !said.contains("javascript"), "{said}");
    }
    at_github(&world, FaultKind::Status { code: 403, retry_after: None });
    let said = warnings(&account(&world, "github").await);
    assert!(said.contains("status 403") && !said.contains("single sign-on"), "{said}");
}

#[tokio::test]
async fn undeclared_paging_header_is_warned_of_and_logged() {
    let world = world_with(|guest| guest).await;
    let cloud = Target::CloudListing(Cloud::Oidc);
    assert_eq!(warnings(&account(&world, "acme").await), "");
    for (name, value, is_told) in [
        ("x-next-cursor", "eyJvIjo2fQ", true),
        ("opc-next-page", "b3BjLXR3bw", true),
        ("X-Results", "partial; 6 of 18", true),
        ("x-total-pages", "3", false),
        ("x-next-cursor", "", false),
    ] {
        world.emulator.clear_faults();
        let header = FaultKind::SetReplyHeader { name: name.into(), value: value.into() };
        world.emulator.fault(Fault::always(cloud, header));
        let account = account(&world, "acme").await;
        let said = warnings(&account);
        assert_eq!(said.contains("may be missing"), is_told, "{name}: {value}: {said}");
        assert!(!account["subscriptions"].as_array().unwrap().is_empty(), "{account}");
        if is_told {
            let line = format!("the header {}, which no permission names", name.to_lowercase());
            world.portico.logged(|it| it.log().contains(&line)).await;
            assert!(!world.portico.log().contains(value), "{value} is in the log");
        }
    }
}

#[tokio::test]
async fn request_refused_by_host_is_warned_of() {
    for (asked, line) in [
        (
            r#"{ permission: "read", tenant: "elsewhere" }"#,
            "there is no token under read in elsewhere",
        ),
        (r#"{ permission: "read", tenant: "another" }"#, "there is no token under read in another"),
        ("{}", ""),
    ] {
        let world = world_with(|guest| {
            let guest = guest.with(r#"{ permission: "read" });"#, &format!("{asked});"));
            guest.with(
                "return { subscriptions: found, warnings };",
                "return { subscriptions: found };",
            )
        })
        .await;
        let account = account(&world, "acme").await;
        let said = warnings(&account);
        let is_refused = !line.is_empty();
        assert_eq!(said.contains("asked for something that it may not have"), is_refused, "{said}");
        world.portico.logged(|it| !is_refused || it.log().contains(line)).await;
    }
}

#[tokio::test]
async fn exception_in_listing_is_plug_in_failure_with_line_in_log_only() {
    let first = "const page = (number) =>";
    for (code, words) in [
        ("Date.now();", "Date.now(): a provider has no clock"),
        ("Math.random();", "Math.random(): a provider has no randomness"),
        ("undefined.x;", "TypeError"),
        ("throw new Error('out of cheese');", "out of cheese"),
    ] {
        let world = world_with(|guest| guest.with(first, &format!("{code} {first}"))).await;
        let account = account(&world, "acme").await;
        let said = warnings(&account);
        assert!(said.contains("The plug-in for Acme failed"), "{code}: {said}");
        for word in ["cheese", "TypeError", "Date", "provider.js"] {
            assert!(!said.contains(word), "{code}: {said}");
        }
        world.portico.logged(|it| it.log().contains(words)).await;
        let log = world.portico.log();
        let line = log.lines().find(|line| line.contains(words)).unwrap();
        assert!(line.contains("discover: ") && line.contains("provider.js:"), "{code}: {line}");
    }
}

#[tokio::test]
async fn unresolved_subject_pointer_is_plug_in_failure_named_in_log() {
    for pointer in ["/user/id", "/uid", "/aud/0/id", "/amr"] {
        let declared = format!("subject: \"{pointer}\"");
        let world = world_with(|guest| guest.with(r#"subject: "/sub""#, &declared)).await;
        let (_, page) = called_back(&world, "acme", "text/html").await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{page:?}");
        assert!(page.body.contains("The plug-in for Acme failed"), "{pointer}: {}", page.body);
        assert!(!page.body.contains("cannot trust") && !page.body.contains(pointer), "{page:?}");
        let (_, response) = called_back(&world, "acme", "*/*").await;
        portico_e2e::assert_refused(&response, 502, "provider_broken");
        let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
        let line = world.portico.failure(&correlation).await[0].to_string();
        assert!(line.contains(pointer) && line.contains("/sub"), "{line}");
        assert!(!line.contains(personas::ZOFIA.user_name), "{line}");
    }
}

#[tokio::test]
async fn plug_in_with_too_many_concurrent_requests_is_refused() {
    let first = "const page = (number) =>";
    for count in [501, 5_000] {
        let many = format!(
            r#"yield Array({count}).fill(get(this.projects, {{ permission: "read" }})); {first}"#
        );
        let world = world_with(|guest| guest.with(first, &many)).await;
        let (_, response) = called_back(&world, "acme", "*/*").await;
        portico_e2e::assert_refused(&response, 502, "provider_broken");
        let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
        let line = world.portico.failure(&correlation).await[0].to_string();
        assert!(line.contains("requests"), "{line}");
    }
}

#[tokio::test]
async fn exception_in_plug_in_constructor_is_fault_naming_the_line() {
    for (code, words) in [
        ("Math.random();", "Math.random(): a provider has no randomness"),
        ("throw new RangeError('no such region');", "RangeError: no such region"),
        ("this.x.y = 1;", "TypeError"),
    ] {
        let set = "this.projects = address + PATH;";
        let world = started_with(|guest| guest.with(set, &format!("{set} {code}"))).await;
        let is_named = |line: &Value| {
            let fault = line["fields"]["fault"].as_str().unwrap_or_default();
            fault.contains(words)
                && fault.contains("constructor: ")
                && fault.contains("provider.js:")
        };
        world.portico.logged(|it| it.log_lines().iter().any(is_named)).await;
        let ready = Browser::default().get(format!("{}/readyz", world.portico.base)).await;
        assert!(!ready.body.contains("provider.js"), "{ready:?}");
    }
}
