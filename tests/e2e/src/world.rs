//! A Portico with emulated clouds, and helpers for both.

use portico_emulator::{Cloud, Emulator, Options};
use serde_json::Value;
use tempfile::TempDir;

use crate::{OpenIdProvider, Portico, Response, Settings, plugins};

/// A Portico with emulated clouds.
pub struct World {
    /// The emulated clouds.
    pub emulator: Emulator,
    /// The running Portico.
    pub portico: Portico,
    /// The settings of Portico.
    pub settings: Settings,
    /// The working directory of Portico, with its store; removed when dropped.
    pub folder: TempDir,
}

/// Starts the emulator and Portico with these variables.
pub async fn world(variables: &[(&str, &str)]) -> World {
    world_with_plugins(&[], variables).await
}

/// Starts the emulator and Portico with these plug-ins granted and configured, and these variables.
pub async fn world_with_plugins(names: &[&str], variables: &[(&str, &str)]) -> World {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    if !names.is_empty() {
        plugins::grant(folder.path(), names);
        settings.set("PORTICO_KEYS", plugins::KEYS);
    }
    for cloud in Cloud::ALL.into_iter().filter(|cloud| names.contains(&cloud.name())) {
        settings.set_plugin(cloud, &emulator);
    }
    for (name, value) in variables {
        settings.set(name, value);
    }
    let portico = Portico::start(&settings).await;
    World { emulator, portico, settings, folder }
}

/// Starts a certified OpenID provider, whose client is Portico's plug-in `oidc`, with these options (see
/// [`OpenIdProvider::start_with`]), the emulator, and Portico with these variables. A
/// `backchannel_logout_uri` of the client is a path of Portico.
pub async fn world_with_openid_provider(
    mut options: Value,
    variables: &[(&str, &str)],
) -> (World, OpenIdProvider) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    plugins::grant(folder.path(), &["oidc"]);
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let redirect_uri = format!("{}/api/callback/oidc", settings.base);
    if let Some(uri) = options.get_mut("client").and_then(|it| it.get_mut("backchannel_logout_uri"))
    {
        *uri = format!("{}{}", settings.base, uri.as_str().unwrap()).into();
    }
    let provider = OpenIdProvider::start_with(&redirect_uri, options).await;
    provider.configure(&mut settings);
    for (name, value) in variables {
        settings.set(name, value);
    }
    let portico = Portico::start(&settings).await;
    (World { emulator, portico, settings, folder }, provider)
}

/// Asserts that a response is an error with this status and code, a text and a correlation id, and sets
/// no session cookie.
pub fn assert_refused(response: &Response, status: u16, code: &str) {
    assert_eq!(response.status.as_u16(), status, "{response:?}");
    assert_eq!(response.code(), code, "{response:?}");
    assert!(!response.sets_session_cookie(), "{response:?}");
    assert!(!response.json()["correlation"].as_str().unwrap().is_empty());
    assert!(!response.json()["error"].as_str().unwrap().is_empty());
}

/// The query of a login in which the emulator signs in as this persona without asking.
pub fn hint(user_name: &str) -> String {
    format!("login_hint={user_name}")
}

/// Number of requests to token endpoints.
pub fn token_requests(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.path.ends_with("/token")).count()
}
