//! Which setting somebody may have meant who wrote the name of none.

use strsim::damerau_levenshtein;

/// What the names of Portico's own variables begin with. It says nothing of which one was meant.
pub(super) const OWN: &str = "PORTICO_";

/// What people call where a server listens, in many programs.
const LISTEN: [&str; 5] = ["PORT", "HOST", "BIND", "ADDR", "ADDRESS"];

/// The one of these names that `name` was probably meant to be: one that a few keys next to it make,
/// or that it is a whole word longer or shorter than.
pub(super) fn likely<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = match plain(name) {
        name if LISTEN.contains(&name.as_str()) => "LISTEN".to_owned(),
        name => name,
    };
    let (mut nearest, mut longer) = (None, None);
    for other in known {
        let meant = plain(other);
        let apart = damerau_levenshtein(&written, &meant);
        let most = match written.len().max(meant.len()) {
            0..=5 => 1,
            6..=9 => 2,
            _ => 3,
        };
        if apart <= most && nearest.is_none_or(|(least, _)| apart < least) {
            nearest = Some((apart, other));
        }
        longer = longer.or_else(|| has_words_of(&written, &meant).then_some(other));
    }
    nearest.map(|(_, other)| other).or(longer)
}

/// Whether a few keys make the one of the other: for names that may be another program's.
pub(super) fn is_near(name: &str, other: &str) -> bool {
    damerau_levenshtein(&name.to_ascii_uppercase(), other) <= 2
}

/// The name as a variable is written, without what all of Portico's begin with.
fn plain(name: &str) -> String {
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    name.strip_prefix(OWN).map(str::to_owned).unwrap_or(name)
}

/// Whether one is the other with whole words more: `LOG_LEVEL` and `LOG`.
fn has_words_of(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_')) && !short.is_empty()
    };
    begins(one, other) || begins(other, one) || other.ends_with(&format!("_{one}"))
}

/// Whether a container platform sets such a variable by itself: Kubernetes does for each service,
/// here for one that is called portico
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
pub(super) fn is_of_platform(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || ["_TCP", "_UDP", "_SCTP"]
            .iter()
            .any(|kind| name.contains("_PORT_") && name.contains(kind))
        || (name.ends_with("_PORT") && value.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 9] = [
        "APP_BASE_URL",
        "AZURE_TENANT_ID",
        "PORTICO_KEYS",
        "PORTICO_LISTEN",
        "PORTICO_LOG",
        "PORTICO_LOGINS",
        "PORTICO_PROVIDERS",
        "PORTICO_STORE",
        "PORTICO_TRUSTED_PROXIES",
    ];

    #[test]
    fn likely_names_the_setting_that_was_meant() {
        for (name, meant) in [
            ("PORTICO_LISTN", "PORTICO_LISTEN"),
            ("PORTICO_LSITEN", "PORTICO_LISTEN"),
            ("portico_listen", "PORTICO_LISTEN"),
            ("PORTICO_KEY", "PORTICO_KEYS"),
            ("PORTICO_LOGS", "PORTICO_LOG"),
            ("PORTICO_LOGIN", "PORTICO_LOGINS"),
            ("PORTICO_LOG_LEVEL", "PORTICO_LOG"),
            ("PORTICO_PROVIDER", "PORTICO_PROVIDERS"),
            ("PORTICO_TRUSTED_PROXY", "PORTICO_TRUSTED_PROXIES"),
            ("PORTICO_APP_BASE_URL", "APP_BASE_URL"),
            ("PORTICO_BASE_URL", "APP_BASE_URL"),
            ("AZURE_TENANT", "AZURE_TENANT_ID"),
            ("PORTICO_PORT", "PORTICO_LISTEN"),
        ] {
            assert_eq!(likely(name, KNOWN), Some(meant), "{name}");
        }
        for name in ["PORTICO_HOME", "PORTICO_VERSION", "PORTICO_", "PATH"] {
            assert_eq!(likely(name, KNOWN), None, "{name}");
        }
    }

    #[test]
    fn what_kubernetes_sets_for_a_service_is_nobodys_mistake() {
        for (name, value) in [
            ("PORTICO_SERVICE_HOST", "10.0.0.1"),
            ("PORTICO_SERVICE_PORT", "5000"),
            ("PORTICO_SERVICE_PORT_HTTP", "5000"),
            ("PORTICO_PORT", "tcp://10.0.0.1:5000"),
            ("PORTICO_PORT_5000_TCP", "tcp://10.0.0.1:5000"),
            ("PORTICO_PORT_5000_TCP_ADDR", "10.0.0.1"),
            ("PORTICO_WEB_SERVICE_HOST", "10.0.0.1"),
        ] {
            assert!(is_of_platform(name, value), "{name}");
        }
        assert!(!is_of_platform("PORTICO_PORT", "5000"));
        assert!(!is_of_platform("PORTICO_LISTN", "tcp://10.0.0.1:5000"));
    }
}
