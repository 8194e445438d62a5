//! Puts a Portico under steady load and watches what it holds.
//!
//! People sign in with Azure, which is built in, and with plug-ins, read their sessions, and sign
//! out. What they can do in a second is measured first, by as many at once as the machine takes;
//! then half of that comes, evenly, and memory and descriptors are looked at again and again.
//!
//! And it measures how much longer others' reads of sessions take while somebody uses up what all
//! have.
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

/// The plug-ins that people sign in with, beside Azure.
const PLUGINS: [&str; 2] = ["github", "google"];

/// How long what can be done in a second is measured.
const MEASURE: Duration = Duration::from_secs(10);

/// Until what part of the time has passed memory may grow: caches fill.
const WARM_UP: f64 = 0.25;

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// Visits a second that were measured, each a login, ten reads of its session, and a logout.
    pub capacity: f64,
    /// Visits that were made afterwards, at half of that.
    pub visits: u64,
    /// What the first visit that went wrong met; none may.
    pub wrong: Option<String>,
    /// What Portico held, from the beginning of the load.
    pub samples: Vec<Sample>,
}

impl Report {
    /// How much more memory it held in the last tenth of the time than after the warm-up: medians,
    /// 0.05 is 5 %.
    pub fn growth(&self) -> f64 {
        let (warm, last) = self.warm_and_last();
        let resident = |samples: &[Sample]| median(samples.iter().map(|it| it.resident).collect());
        resident(last) as f64 / resident(warm) as f64 - 1.0
    }

    /// How many descriptors more were open at the least in the last quarter of the time than in the
    /// one after the warm-up: connections come in waves and go again; what never goes is lost.
    pub fn more_descriptors(&self) -> i64 {
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

/// Runs the load for this long.
pub async fn soak(time: Duration) -> Report {
    let clouds = EmulatorProcess::start().await;
    let folder = tempfile::tempdir().unwrap();
    // Only for its settings; the logins go to the emulator that is a process of its own.
    let placeholder = Emulator::start(Options::default()).await.unwrap();
    let mut settings = Settings::new(&placeholder, folder.path());
    settings.set("AZURE_AUTHORITY_HOST", &clouds.address);
    settings.set("AZURE_RESOURCE_MANAGER_URL", &clouds.address);
    settings.set("PORTICO_KEYS", plugins::KEYS);
    // The load is one person.
    settings.set("PORTICO_SESSIONS_PER_PERSON", "100000");
    plugins::grant(folder.path(), &PLUGINS);
    let address = clouds.address.parse().unwrap();
    for cloud in Cloud::ALL.iter().filter(|cloud| PLUGINS.contains(&cloud.name())) {
        for (name, value) in cloud.plugin_variables(&address) {
            settings.set(&name, &value);
        }
    }
    let portico = Portico::start(&settings).await;
    let capacity = load::capacity(&portico.base, MEASURE.min(time)).await;
    let watched = sample::watch(&portico, time);
    let steady = load::steady(&portico.base, capacity / 2.0, time);
    let (samples, (visits, wrong)) = tokio::join!(watched, steady);
    assert!(portico.stop().await.success());
    Report { capacity, visits, wrong, samples }
}
