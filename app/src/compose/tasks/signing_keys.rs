//! Keeps the keys that sign session JWTs.

use std::{collections::BTreeSet, time::Duration};

use portico_domain::{apps::Apps, signing::SigningAlgorithm, use_cases::KeepSigningKeys};
use tokio::time::{Instant, sleep};

/// The interval of looks at the apps: a new one may want another algorithm.
const POLL: Duration = Duration::from_secs(1);

/// The interval of looks at the stored keys, which other nodes may have replaced. A new key signs a day
/// after it was stored.
const LOOK: Duration = Duration::from_mins(1);

/// Looks at the keys of some apps.
pub(crate) struct SigningKeysTask {
    keys: KeepSigningKeys,
    apps: Apps,
    /// The last look that succeeded, and for which algorithms.
    looked: Option<(Instant, BTreeSet<SigningAlgorithm>)>,
    is_failing: bool,
}

impl SigningKeysTask {
    pub(crate) fn new(keys: KeepSigningKeys, apps: Apps) -> Self {
        Self { keys, apps, looked: None, is_failing: false }
    }

    /// Looks at the keys if that is due. Apps get no JWTs before the first look has succeeded.
    pub(crate) async fn look(&mut self) {
        let wanted = wanted(&self.apps);
        let is_current = |(at, had): &(Instant, _)| at.elapsed() < LOOK && *had == wanted;
        if self.looked.as_ref().is_some_and(is_current) {
            return;
        }
        let algorithms: Vec<_> = wanted.iter().copied().collect();
        match self.keys.look(&algorithms).await {
            Ok(()) => (self.is_failing, self.looked) = (false, Some((Instant::now(), wanted))),
            Err(error) => {
                if !self.is_failing {
                    let error: &(dyn std::error::Error + Send + Sync) = &error;
                    tracing::warn!(error, "the keys of session JWTs cannot be read or made");
                }
                self.is_failing = true;
            }
        }
    }

    /// Looks until it is cancelled.
    pub(crate) async fn run(mut self) {
        loop {
            sleep(POLL).await;
            self.look().await;
        }
    }
}

/// The algorithms that the apps take.
fn wanted(apps: &Apps) -> BTreeSet<SigningAlgorithm> {
    apps.all().iter().map(|app| app.algorithm).chain([SigningAlgorithm::Es256]).collect()
}
