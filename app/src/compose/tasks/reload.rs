//! Reloads the configuration on SIGHUP.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::{
    config::Config,
    logging::set_filter,
    signals::{OtherSignals, Signal},
};

/// Handles the signals until it is dropped. `started` is the configuration at the start; `rescan` makes
/// the plug-in manager read plug-ins, secrets and the Azure settings again.
pub(in crate::compose) async fn run(
    mut signals: OtherSignals,
    started: Config,
    rescan: Arc<Notify>,
) {
    let mut log = started.telemetry.log.clone();
    loop {
        match signals.next().await {
            Signal::Reload => {}
            Signal::Ignored(name) => {
                tracing::warn!(signal = name, "Portico ignores this signal");
                continue;
            }
        }
        let newer = match started.read_again() {
            Ok(newer) => newer,
            Err(faults) => {
                let why = faults.sentences();
                tracing::error!(
                    why,
                    "SIGHUP: the configuration cannot be read again: the previous one stays in use"
                );
                continue;
            }
        };
        if newer.telemetry.log != log {
            set_filter(&newer.telemetry.log);
            log.clone_from(&newer.telemetry.log);
        }
        for why in &newer.warnings {
            tracing::warn!(why, "a setting may not have the intended effect");
        }
        let changed = started.changes_needing_restart(&newer);
        if !changed.is_empty() {
            let settings = changed.join(", ");
            tracing::warn!(
                settings,
                "SIGHUP: these settings have changed and take effect at the next start"
            );
        }
        tracing::info!("SIGHUP: the configuration was reloaded");
        rescan.notify_one();
    }
}
