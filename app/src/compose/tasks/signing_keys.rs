//! Keeps the keys that sign session JWTs.

use std::{collections::BTreeSet, time::Duration};

use portico_domain::{apps::Apps, signing::SigningAlgorithm, use_cases::KeepSigningKeys};
use tokio::time::{Instant, sleep};

/// The interval of looks at the apps: a new one may want another algorithm.
const POLL: Duration = Duration::from_secs(1);

/// The interval of looks at the stored keys, which other nodes may have replaced. A new key signs a day
/// after it was stored.
const LOOK: Duration = Duration::from_mins(1);

/// Looks at the keys until it is cancelled. Their apps get no JWTs before the first look.
pub(crate) async fn run(keys: KeepSigningKeys, apps: Apps) {
    let mut looked: Option<(Instant, BTreeSet<SigningAlgorithm>)> = None;
    let mut is_failing = false;
    loop {
        let wanted = wanted(&apps);
        let is_due = looked.as_ref().is_none_or(|(at, had)| at.elapsed() >= LOOK || *had != wanted);
        if is_due {
            let algorithms: Vec<_> = wanted.iter().copied().collect();
            match keys.look(&algorithms).await {
                Ok(()) => (is_failing, looked) = (false, Some((Instant::now(), wanted))),
                Err(error) => {
                    if !is_failing {
                        let error: &(dyn std::error::Error + Send + Sync) = &error;
                        tracing::warn!(error, "the keys of session JWTs cannot be read or made");
                    }
                    is_failing = true;
                }
            }
        }
        sleep(POLL).await;
    }
}

/// The algorithms that the apps take.
fn wanted(apps: &Apps) -> BTreeSet<SigningAlgorithm> {
    apps.all().iter().map(|app| app.algorithm).chain([SigningAlgorithm::Es256]).collect()
}
