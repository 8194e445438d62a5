//! Load tests of a running Portico.
//!
//! Soak: users sign in with Azure (built in) and with plug-ins, read their sessions, and sign out.
//! The capacity is measured first; then half of it is applied evenly while memory and file
//! descriptors are sampled.
//!
//! Starvation: measures how much an attack on shared resources slows other users' session reads.
#![allow(clippy::unwrap_used, reason = "a program that measures, and fails by panicking")]

mod load;
mod plot;
mod sample;
mod starvation;

use std::time::Duration;

use portico_e2e::{Cloud, Emulator, EmulatorProcess, Options, Portico, Settings, plugins};

pub use self::{
    plot::draw,
    sample::Sample,
    starvation::{Attack, Measure, Starvation, starvation},
};

/// The plug-ins used for sign-in besides Azure.
const PLUGINS: [&str; 2] = ["github", "google"];

/// Duration of the capacity measurement.
const CAPACITY_TIME: Duration = Duration::from_secs(10);

/// Fraction of the time in which memory may grow, since caches fill.
const WARM_UP: f64 = 0.25;

/// Result of a soak run.
#[derive(Debug)]
pub struct Report {
    /// Measured visits per second; a visit is a login, ten session reads and a logout.
    pub capacity: f64,
    /// Number of visits during the soak, at half of the capacity.
    pub visits: u64,
    /// Error of the first failed visit.
    pub first_error: Option<String>,
    /// Memory and descriptors since the beginning of the load.
    pub samples: Vec<Sample>,
}

impl Report {
    /// Growth of resident memory from the warm-up to the last tenth of the time (medians); 0.05 is
    /// 5 %.
    pub fn growth(&self) -> f64 {
        let (warm, last) = self.warm_and_last();
        let resident = |samples: &[Sample]| median(samples.iter().map(|it| it.resident).collect());
        resident(last) as f64 / resident(warm) as f64 - 1.0
    }

    /// Growth of the minimum of open descriptors from the second to the last quarter of the time. The
    /// number of connections fluctuates, so only the minimum shows a leak.
    pub fn descriptor_growth(&self) -> i64 {
        let quarter = self.samples.len() / 4;
        let least = |samples: &[Sample]| samples.iter().map(|it| it.descriptors).min().unwrap_or(0);
        let warm = least(&self.samples[quarter..=2 * quarter]);
        least(&self.samples[3 * quarter..]) as i64 - warm as i64
    }

    fn warm_and_last(&self) -> (&[Sample], &[Sample]) {
        let count = self.samples.len();
        let tenth = (count / 10).max(1);
        let from = (count as f64 * WARM_UP) as usize;
        (&self.samples[from..from + tenth], &self.samples[count - tenth..])
    }
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// Runs the soak for this long.
pub async fn soak(time: Duration) -> Report {
    let clouds = EmulatorProcess::start().await;
    let folder = tempfile::tempdir().unwrap();
    // Only provides settings; the logins use the emulator in a process of its own.
    let placeholder = Emulator::start(Options::default()).await.unwrap();
    let mut settings = Settings::new(&placeholder, folder.path());
    settings.set("AZURE_AUTHORITY_HOST", &clouds.address);
    settings.set("AZURE_RESOURCE_MANAGER_URL", &clouds.address);
    settings.set("PORTICO_KEYS", plugins::KEYS);
    // All visits are one person's.
    settings.set("PORTICO_SESSIONS_PER_PERSON", "100000");
    plugins::grant(folder.path(), &PLUGINS);
    let address = clouds.address.parse().unwrap();
    for cloud in Cloud::ALL.iter().filter(|cloud| PLUGINS.contains(&cloud.name())) {
        for (name, value) in cloud.plugin_variables(&address) {
            settings.set(&name, &value);
        }
    }
    let portico = Portico::start(&settings).await;
    let capacity = load::capacity(&portico.base, CAPACITY_TIME.min(time)).await;
    let watched = sample::collect(&portico, time);
    let steady = load::steady(&portico.base, capacity / 2.0, time);
    let (samples, (visits, first_error)) = tokio::join!(watched, steady);
    assert!(portico.stop().await.success());
    Report { capacity, visits, first_error, samples }
}
