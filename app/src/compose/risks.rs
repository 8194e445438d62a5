//! Warnings at the start: settings and system limits that are allowed but probably unintended.

use portico_domain::{address::may_be_called, time::Timestamp};
use portico_seal::{MissingKey, SealedSessions};
use portico_system::raise_descriptor_limit;

use super::store::KEY_FILE;
use crate::config::{Config, StoreChoice};

/// Descriptors beside those of `PORTICO_CONNECTIONS`: of the store, connections to clouds, the reserve of
/// client connections (two each), and client connections that are being refused.
const OTHER_DESCRIPTORS: u64 = 4_608;

/// Logs warnings about the configuration and the system.
pub(super) fn warn_of_risks(config: &Config) {
    for why in &config.warnings {
        tracing::warn!(why, "a setting may not have the intended effect");
    }
    let base = &config.server.app_base_url;
    if !may_be_called(base) {
        tracing::warn!(
            "APP_BASE_URL is plain http: session cookies can be intercepted on the network; put \
             Portico behind https"
        );
    }
    if let Some(error) = config.backends.name_servers().problem() {
        tracing::warn!(
            error,
            "the system configures no name servers, so one on this machine is used: correct \
             /etc/resolv.conf, or set PORTICO_NAME_SERVERS"
        );
    }
    let (connections, descriptors) = (config.limits.connections.get(), raise_descriptor_limit());
    if descriptors < u64::from(connections) + OTHER_DESCRIPTORS {
        tracing::warn!(
            descriptors,
            connections,
            "the limit of open files is too low for the limit of connections: raise it (ulimit -n, \
             LimitNOFILE) or lower PORTICO_CONNECTIONS"
        );
    }
}

/// Logs the missing keys of sessions that may still be valid.
pub(super) async fn log_missing_keys(config: &Config, sessions: &SealedSessions, now: Timestamp) {
    let key_setting = match (&config.store.keys, &config.store.choice) {
        (None, StoreChoice::Sled(folder)) => format!("{}", folder.join(KEY_FILE).display()),
        _ => "PORTICO_KEYS".to_owned(),
    };
    let missing = match sessions.note_keys(now).await {
        Ok(missing) => missing,
        Err(error) => return tracing::warn!(%error, "the list of keys in use could not be updated"),
    };
    for MissingKey { id, until } in missing {
        let until = i64::try_from(until.unix_seconds()).ok();
        let until = until.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        tracing::error!(
            key = id,
            until = until.map(|until| until.to_string()),
            "a key is missing, so sessions that were sealed with it cannot be opened and their people \
             have to sign in again. To restore the sessions, add that key after the first one, \
             separated by a comma, to {key_setting}, and restart Portico"
        );
    }
}
