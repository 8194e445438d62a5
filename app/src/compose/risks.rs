//! What is allowed and yet worth a line of the log at the start.

use portico_domain::{address::may_be_called, time::Timestamp};
use portico_seal::{MissingKey, SealedSessions};
use portico_system::raise_descriptor_limit;

use super::store::KEY_FILE;
use crate::config::{Config, StoreChoice};

/// What Portico has open beside its connections from browsers: the store, connections to clouds,
/// those in the reserve, each twice, and those that are being refused.
const DESCRIPTORS_BESIDE: u64 = 4_608;

/// Warns of what the configuration and the system may be wrong about.
pub(super) fn warn_of_risks(config: &Config) {
    for why in &config.warnings {
        tracing::warn!(why, "a setting may not do what is meant by it");
    }
    let base = &config.server.app_base_url;
    if !may_be_called(base) {
        tracing::warn!(
            "APP_BASE_URL is plain http: anybody on the way can take a session cookie; put Portico \
             behind https"
        );
    }
    if let Some(error) = config.backends.name_servers().problem() {
        tracing::warn!(
            error,
            "the system names no name servers, so one on this machine is asked: mend \
             /etc/resolv.conf, or write PORTICO_NAME_SERVERS"
        );
    }
    let (connections, descriptors) = (config.limits.connections.get(), raise_descriptor_limit());
    if descriptors < u64::from(connections) + DESCRIPTORS_BESIDE {
        tracing::warn!(
            descriptors,
            connections,
            "this process may open fewer files than connections are allowed: raise its limit \
             (ulimit -n, LimitNOFILE) or lower PORTICO_CONNECTIONS"
        );
    }
}

/// Says which keys are gone that sealed sessions which may be alive.
pub(super) async fn say_missing_keys(config: &Config, sessions: &SealedSessions, now: Timestamp) {
    let place = match (&config.store.keys, &config.store.choice) {
        (None, StoreChoice::Sled(folder)) => format!("{}", folder.join(KEY_FILE).display()),
        _ => "PORTICO_KEYS".to_owned(),
    };
    let missing = match sessions.note_keys(now).await {
        Ok(missing) => missing,
        Err(error) => return tracing::warn!(%error, "the keys in use could not be noted"),
    };
    for MissingKey { id, until } in missing {
        let until = i64::try_from(until.unix_seconds()).ok();
        let until = until.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        tracing::error!(
            key = id,
            until = until.map(|until| until.to_string()),
            "a key is missing, and sessions that it sealed cannot be opened: their people have to \
             sign in again. To have the sessions back, write that key behind the first one, with a \
             comma between, into {place}, and start again"
        );
    }
}
