//! How long other people's session reads take while somebody uses up what they can.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use portico_e2e::{
    Browser, Cloud, Emulator, EmulatorProcess, Options, Portico, Settings, hint, personas, plugins,
};
use portico_wasm::testing::hostile;
use tokio::{task::JoinSet, time::MissedTickBehavior};

/// Hostile plug-ins that use up something, and what.
const ATTACKS: [(&str, &str); 2] = [
    ("hoards-memory-and-waits", "24 logins with a plug-in that hoards memory"),
    ("loops-in-next", "24 logins with a plug-in that computes for ever"),
];

/// People who attack at once.
const ATTACKERS: usize = 24;

/// A session is read so often: much less than Portico can do.
const READ_EVERY: Duration = Duration::from_millis(5);

/// What came of one attack.
#[derive(Debug)]
pub struct Beside {
    /// What was done.
    pub attack: &'static str,
    /// How many sessions were read beside it.
    pub reads: usize,
    /// How many logins of the attackers ended meanwhile.
    pub attacks: usize,
    /// How long 99 of 100 reads took at most, without it and beside it.
    pub calm: Duration,
    /// See `calm`.
    pub beside: Duration,
    /// The most memory that Portico held, in bytes.
    pub memory: u64,
}

impl Beside {
    /// How many times as long the reads took.
    pub fn ratio(&self) -> f64 {
        self.beside.as_secs_f64() / self.calm.as_secs_f64()
    }
}

/// Runs every attack for this long, after as long without it.
pub async fn beside(time: Duration) -> Vec<Beside> {
    let mut all = Vec::new();
    for (plugin, attack) in ATTACKS {
        all.push(one(plugin, attack, time).await);
    }
    all
}

async fn one(plugin: &'static str, attack: &'static str, time: Duration) -> Beside {
    let clouds = EmulatorProcess::start().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&clouds, folder.path(), plugin).await;
    let portico = Portico::start(&settings).await;
    let mut reader = Browser::default();
    let answer = reader.sign_in(&portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(answer.status.as_u16(), 302, "{answer:?}");

    reads(&mut reader, &portico.base, time / 4).await;
    let calm = reads(&mut reader, &portico.base, time).await;
    let (mut attackers, ended) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..ATTACKERS {
        attackers.spawn(attacker(portico.base.clone(), plugin, Arc::clone(&ended)));
    }
    let disturbed = reads(&mut reader, &portico.base, time).await;
    attackers.abort_all();
    Beside {
        attack,
        reads: disturbed.len(),
        attacks: ended.load(Ordering::Relaxed),
        calm: p99(calm),
        beside: p99(disturbed),
        memory: portico.memory().1,
    }
}

async fn settings(clouds: &EmulatorProcess, folder: &Path, plugin: &str) -> Settings {
    // Only for its settings; the logins go to the emulator that is a process of its own.
    let placeholder = Emulator::start(Options::default()).await.unwrap();
    let mut settings = Settings::new(&placeholder, folder);
    settings.set("AZURE_AUTHORITY_HOST", &clouds.address);
    settings.set("AZURE_RESOURCE_MANAGER_URL", &clouds.address);
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let component = hostile().into_iter().find(|it| it.name == plugin).unwrap().component;
    let file = folder.join("hostile.wasm");
    std::fs::write(&file, component).unwrap();
    plugins::add(&folder.join("providers.d"), &file, plugins::KEYS);
    let prefix = plugin.replace('-', "_").to_ascii_uppercase();
    for (name, value) in Cloud::Oidc.plugin_variables(&clouds.address.parse().unwrap()) {
        settings.set(&name.replace("OIDC", &prefix), &value);
    }
    settings
}

/// Reads a session evenly.
async fn reads(reader: &mut Browser, base: &str, time: Duration) -> Vec<Duration> {
    let (begun, mut took) = (Instant::now(), Vec::new());
    let mut ticks = tokio::time::interval(READ_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while begun.elapsed() < time {
        ticks.tick().await;
        let asked = Instant::now();
        assert_eq!(reader.session(base).await.status.as_u16(), 200);
        took.push(asked.elapsed());
    }
    took
}

/// Signs in again and again; counts how often that ended, in whatever way.
async fn attacker(base: String, plugin: &'static str, ended: Arc<AtomicUsize>) {
    loop {
        let mut browser = Browser::default();
        let query = hint(personas::ZOFIA.user_name);
        let first = browser.get(format!("{base}/api/login/{plugin}?{query}")).await;
        if first.status.as_u16() == 302 {
            let callback = browser.get(first.location()).await.location();
            browser.get(callback).await;
        }
        ended.fetch_add(1, Ordering::Relaxed);
    }
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}
