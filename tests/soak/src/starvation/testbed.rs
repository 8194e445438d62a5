//! Starts the attacked Portico and its emulated clouds.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use portico_background::Background;
use portico_e2e::{Cloud, Emulator, NameAnswer, NameServer, Options, Portico, Settings, plugins};
use portico_wasm::testing::hostile;
use tempfile::TempDir;
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};
use tokio::sync::oneshot;

use super::attack::{Attack, Victim};

/// Timeout for the first attempt of an attack, which may have to sign in first.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A Portico prepared for an attack.
pub(super) struct Testbed {
    background: Background,
    emulator: Arc<Emulator>,
    pub(super) portico: Portico,
    folder: TempDir,
    /// Stops when dropped.
    _names: NameServer,
}

/// A running attack.
pub(super) struct RunningAttack<'a> {
    portico: &'a Portico,
    attempts: Arc<AtomicU64>,
    /// Stops the attack when dropped.
    _stop: oneshot::Sender<()>,
}

impl RunningAttack<'_> {
    /// Number of attempts so far.
    pub(super) fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }
}

impl Drop for RunningAttack<'_> {
    fn drop(&mut self) {
        self.portico.read_log(true);
    }
}

impl Testbed {
    /// Starts Portico with the settings and plug-ins of the attack.
    pub(super) async fn start(attack: Attack, alone: bool) -> Self {
        let set_priority = move || {
            if alone {
                run_when_idle();
            }
        };
        let background = Background::start("attackers", 2, set_priority).unwrap();
        let emulator = background.run(Emulator::start(Options::default())).await.unwrap();
        let names = background.run(NameServer::start(|_| NameAnswer::Silence)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        settings.set("PORTICO_KEYS", plugins::KEYS);
        plugins::grant(folder.path(), attack.plugins());
        for cloud in Cloud::ALL.into_iter().filter(|it| attack.plugins().contains(&it.name())) {
            settings.set_plugin(cloud, &emulator);
        }
        if let Some(name) = attack.hostile_plugin() {
            grant_hostile(folder.path(), name);
            settings.set_plugin_as(Cloud::Oidc, name, &emulator);
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

    /// Starts the attack and waits for its first attempt; it runs until the returned value is dropped.
    pub(super) async fn begin(&self, attack: Attack) -> RunningAttack<'_> {
        self.emulator.clear_faults();
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
        let (stop, stopped) = oneshot::channel::<()>();
        let emulator = Arc::clone(&self.emulator);
        self.background.spawn(async move {
            tokio::select! {
                () = attack.run(victim) => {}
                _ = stopped => {}
            }
            emulator.clear_faults();
        });
        let attacking = RunningAttack { portico: &self.portico, attempts, _stop: stop };
        let first_attempt = async {
            while attacking.attempts() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(START_TIMEOUT, first_attempt).await.unwrap();
        attacking
    }
}

fn grant_hostile(folder: &Path, name: &str) {
    let component = hostile().into_iter().find(|it| it.name == name).unwrap().component;
    let file = folder.join("hostile.wasm");
    std::fs::write(&file, component).unwrap();
    plugins::add(&folder.join("providers.d"), &file, plugins::KEYS);
}

/// Sets SCHED_IDLE (sched(7)) for this thread: attackers and clouds on other machines would use no
/// processor time of the measured one.
fn run_when_idle() {
    let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, policy).unwrap();
}
