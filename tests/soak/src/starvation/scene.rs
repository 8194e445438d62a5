//! A Portico that is attacked, and the clouds that it signs people in with.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

use portico_e2e::{Cloud, Emulator, NameAnswer, NameServer, Options, Portico, Settings, plugins};
use portico_wasm::testing::hostile;
use tempfile::TempDir;

use super::attack::{Attack, Victim};
use crate::background::Background;

/// A Portico before an attack.
pub(super) struct Scene {
    background: Background,
    emulator: Arc<Emulator>,
    pub(super) portico: Portico,
    folder: TempDir,
    /// Kept for its end.
    _names: NameServer,
}

impl Scene {
    /// Starts Portico as the attack needs it.
    pub(super) async fn set(attack: Attack) -> Self {
        let background = Background::start();
        let emulator =
            background.spawn(Emulator::start(Options::default())).await.unwrap().unwrap();
        let names = NameServer::start(|_| NameAnswer::Silence);
        let names = background.spawn(names).await.unwrap().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        settings.set("PORTICO_KEYS", plugins::KEYS);
        plugins::grant(folder.path(), attack.plugins());
        for cloud in Cloud::ALL.iter().filter(|it| attack.plugins().contains(&it.name())) {
            for (name, value) in cloud.plugin_variables(emulator.http_url()) {
                settings.set(&name, &value);
            }
        }
        if let Some(name) = attack.hostile_plugin() {
            grant_hostile(folder.path(), name);
            let prefix = name.replace('-', "_").to_ascii_uppercase();
            for (variable, value) in Cloud::Oidc.plugin_variables(emulator.http_url()) {
                settings.set(&variable.replace("OIDC", &prefix), &value);
            }
        }
        if attack == Attack::SilentNameServer {
            settings.set("PORTICO_NAME_SERVERS", &names.address().to_string());
        }
        for (name, value) in attack.variables() {
            settings.set(name, value);
        }
        let portico = Portico::start(&settings).await;
        Self { background, emulator: Arc::new(emulator), portico, folder, _names: names }
    }

    /// Begins the attack, which goes on until the scene is dropped; counts its attempts.
    pub(super) fn begin(&self, attack: Attack) -> Arc<AtomicU64> {
        for fault in attack.faults() {
            self.emulator.fault(fault);
        }
        if attack == Attack::UnreadLog {
            self.portico.read_log(false);
        }
        let victim = Victim {
            base: self.portico.base.clone(),
            folder: self.folder.path().to_owned(),
            emulator: Arc::clone(&self.emulator),
            attempts: Arc::default(),
        };
        let attempts = Arc::clone(&victim.attempts);
        self.background.spawn(attack.run(victim));
        attempts
    }
}

fn grant_hostile(folder: &Path, name: &str) {
    let component = hostile().into_iter().find(|it| it.name == name).unwrap().component;
    let file = folder.join("hostile.wasm");
    std::fs::write(&file, component).unwrap();
    plugins::add(&folder.join("providers.d"), &file, plugins::KEYS);
}
