//! Plug-ins with an API key, and plug-ins of interface version 1.

use std::{fs, path::Path};

use portico_e2e::{Browser, Cloud, Emulator, Options, Portico, Settings, hint, personas, plugins};
use portico_hostile::tried;
use portico_wasm::testing::{asks_with_an_api_key, of_interface_1};

const API_KEY: &str = "an-api-key-of-the-operators";

/// Adds a plug-in and returns the output of the command.
fn add(folder: &Path, name: &str, component: &[u8]) -> String {
    let file = folder.join(format!("{name}.wasm"));
    fs::write(&file, component).unwrap();
    plugins::add(&folder.join("providers.d"), &file, plugins::KEYS)
}

#[tokio::test]
async fn api_key_is_sent_only_to_permitted_hosts_and_never_to_the_plug_in() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = add(folder.path(), "keyed", &asks_with_an_api_key());
    assert!(output.contains("x-api-key"), "the consent request does not name the header: {output}");
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS).set("KEYED_API_KEY", API_KEY);
    settings.set_plugin_as(Cloud::Oidc, "keyed", &emulator);
    let portico = Portico::start(&settings).await;
    let (base, mut browser) = (&portico.base, Browser::default());
    let callback = browser.up_to_callback_of(base, "keyed", &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(browser.get(callback).await.status, 302, "{}", portico.log());

    let requests = emulator.requests();
    let with_key = |path: &str| {
        let with_header = requests.iter().filter(|it| it.header("x-api-key").is_some());
        with_header.filter(|it| it.path.ends_with(path)).count()
    };
    assert_eq!(with_key("/environments"), 1, "{requests:?}");
    let listing = requests.iter().find(|it| it.path.ends_with("/environments")).unwrap();
    assert_eq!(listing.header("x-api-key"), Some(&*format!("Key {API_KEY}")));
    for path in ["/token", "/openid-configuration", "/keys"] {
        assert_eq!(with_key(path), 0, "{path} received the API key");
    }
    let session = browser.session(base).await.body;
    let lock = fs::read_to_string(folder.path().join("providers.d/providers.lock")).unwrap();
    for text in [&session, &lock, &portico.log()] {
        assert!(!text.contains(API_KEY), "{text}");
    }
    tried(1);
}

#[tokio::test]
async fn plug_in_without_its_api_key_is_not_offered_and_logged() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "keyed", &asks_with_an_api_key());
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    settings.set_plugin_as(Cloud::Oidc, "keyed", &emulator);
    let mut portico = Portico::start(&settings).await;
    portico.wait_for_log("KEYED_API_KEY").await;
    let begun = Browser::default().begin(&portico.base, "keyed", "").await;
    assert_eq!(begun.status, 404, "{begun:?}");
    tried(1);
}

#[tokio::test]
async fn component_of_interface_1_is_added_and_redirects_to_its_declared_endpoint() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = add(folder.path(), "old", &of_interface_1());
    for host in ["https://login.example/authorize", "https://token.example/token", "api.example"] {
        assert!(output.contains(host), "the consent request does not show {host}: {output}");
    }
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS).set("OLD_CLIENT_ID", "portico-at-old");
    settings.set("OLD_ALLOWED_TENANTS", "*");
    let portico = Portico::start(&settings).await;
    let begun = Browser::default().begin(&portico.base, "old", "").await;
    assert_eq!(begun.status, 302, "{begun:?}\n{}", portico.log());
    let url = begun.location();
    assert_eq!(url.as_str().split('?').next(), Some("https://login.example/authorize"));
    let parameter =
        |name: &str| url.query_pairs().find(|(it, _)| it == name).map(|(_, it)| it.into_owned());
    assert_eq!(parameter("client_id").as_deref(), Some("portico-at-old"));
    assert_eq!(parameter("prompt").as_deref(), Some("consent"));
    tried(1);
}
