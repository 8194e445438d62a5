//! The emulated clouds and a Portico before them, and what tests ask of both.

use portico_emulator::{Cloud, Emulator, Options};
use tempfile::TempDir;

use crate::{Answer, Portico, Settings, plugins};

/// The emulated clouds and a Portico before them.
pub struct World {
    /// The clouds.
    pub emulator: Emulator,
    /// Portico.
    pub portico: Portico,
    /// What Portico was started with.
    pub settings: Settings,
    /// Where it keeps its sessions; gone when dropped.
    pub folder: TempDir,
}

/// Starts both, with these variables changed.
pub async fn world(variables: &[(&str, &str)]) -> World {
    world_of(&[], variables).await
}

/// Starts both, Portico with these plug-ins granted and told where their clouds are.
pub async fn world_of(names: &[&str], variables: &[(&str, &str)]) -> World {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    if !names.is_empty() {
        plugins::grant(folder.path(), names);
        settings.set("PORTICO_KEYS", plugins::KEYS);
    }
    for cloud in Cloud::ALL.iter().filter(|cloud| names.contains(&cloud.name())) {
        for (name, value) in cloud.plugin_variables(emulator.http_url()) {
            settings.set(&name, &value);
        }
    }
    for (name, value) in variables {
        settings.set(name, value);
    }
    let portico = Portico::start(&settings).await;
    World { emulator, portico, settings, folder }
}

/// Holds a refusal to the contract: status, stable word, correlation id, and no session.
pub fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.code(), code, "{answer:?}");
    assert!(!answer.gives_a_session(), "{answer:?}");
    assert!(!answer.json()["correlation"].as_str().unwrap().is_empty());
    assert!(!answer.json()["error"].as_str().unwrap().is_empty());
}

/// The query of a login that goes straight through as this persona.
pub fn hint(user_name: &str) -> String {
    format!("login_hint={user_name}")
}

/// How often the token endpoint was called.
pub fn token_requests(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.path.ends_with("/token")).count()
}
