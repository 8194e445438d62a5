//! Suggestions for misspelled names of settings.

use strsim::damerau_levenshtein;

/// The prefix of Portico's variables, ignored in comparisons.
pub(super) const OWN_PREFIX: &str = "PORTICO_";

/// Names of the listen address in other programs.
const LISTEN: [&str; 5] = ["PORT", "HOST", "BIND", "ADDR", "ADDRESS"];

/// The known name that was probably meant: one within a small edit distance, or one with additional or
/// missing words.
pub(super) fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = match normalise(name) {
        name if LISTEN.contains(&name.as_str()) => "LISTEN".to_owned(),
        name => name,
    };
    let (mut nearest, mut longer) = (None, None);
    for other in known {
        let meant = normalise(other);
        let distance = damerau_levenshtein(&written, &meant);
        let max = match written.len().max(meant.len()) {
            0..=5 => 1,
            6..=9 => 2,
            _ => 3,
        };
        if distance <= max && nearest.is_none_or(|(least, _)| distance < least) {
            nearest = Some((distance, other));
        }
        longer = longer.or_else(|| differs_by_words(&written, &meant).then_some(other));
    }
    nearest.map(|(_, other)| other).or(longer)
}

/// Whether the edit distance is at most 2. For names that may belong to another program.
pub(super) fn is_similar(name: &str, other: &str) -> bool {
    damerau_levenshtein(&name.to_ascii_uppercase(), other) <= 2
}

/// The name in the form of a variable, without [`OWN_PREFIX`].
fn normalise(name: &str) -> String {
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    name.strip_prefix(OWN_PREFIX).map(str::to_owned).unwrap_or(name)
}

/// Whether one name consists of the other and additional words, such as `LOG_LEVEL` and `LOG`.
fn differs_by_words(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_')) && !short.is_empty()
    };
    begins(one, other) || begins(other, one) || other.ends_with(&format!("_{one}"))
}

/// Whether Kubernetes sets this variable, for a service of the name portico
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
    use rstest::rstest;

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

    #[rstest]
    #[case::missing_letter("PORTICO_LISTN", "PORTICO_LISTEN")]
    #[case::swapped_letters("PORTICO_LSITEN", "PORTICO_LISTEN")]
    #[case::lower_case("portico_listen", "PORTICO_LISTEN")]
    #[case::singular_of_keys("PORTICO_KEY", "PORTICO_KEYS")]
    #[case::plural_of_log("PORTICO_LOGS", "PORTICO_LOG")]
    #[case::singular_of_logins("PORTICO_LOGIN", "PORTICO_LOGINS")]
    #[case::word_more("PORTICO_LOG_LEVEL", "PORTICO_LOG")]
    #[case::singular_of_providers("PORTICO_PROVIDER", "PORTICO_PROVIDERS")]
    #[case::singular_of_proxies("PORTICO_TRUSTED_PROXY", "PORTICO_TRUSTED_PROXIES")]
    #[case::prefix_more("PORTICO_APP_BASE_URL", "APP_BASE_URL")]
    #[case::prefix_for_word("PORTICO_BASE_URL", "APP_BASE_URL")]
    #[case::word_less("AZURE_TENANT", "AZURE_TENANT_ID")]
    #[case::name_in_other_programs("PORTICO_PORT", "PORTICO_LISTEN")]
    fn suggest_returns_similar_setting(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(suggest(name, KNOWN), Some(expected));
    }

    #[rstest]
    fn suggest_returns_none_without_similar_setting(
        #[values("PORTICO_HOME", "PORTICO_VERSION", "PORTICO_", "PATH")] name: &str,
    ) {
        assert_eq!(suggest(name, KNOWN), None);
    }

    #[rstest]
    #[case::host("PORTICO_SERVICE_HOST", "10.0.0.1", true)]
    #[case::port("PORTICO_SERVICE_PORT", "5000", true)]
    #[case::named_port("PORTICO_SERVICE_PORT_HTTP", "5000", true)]
    #[case::link("PORTICO_PORT", "tcp://10.0.0.1:5000", true)]
    #[case::link_of_port("PORTICO_PORT_5000_TCP", "tcp://10.0.0.1:5000", true)]
    #[case::address_of_port("PORTICO_PORT_5000_TCP_ADDR", "10.0.0.1", true)]
    #[case::service_with_hyphen("PORTICO_WEB_SERVICE_HOST", "10.0.0.1", true)]
    #[case::plain_port("PORTICO_PORT", "5000", false)]
    #[case::misspelled_setting("PORTICO_LISTN", "tcp://10.0.0.1:5000", false)]
    fn is_of_platform_recognises_service_variables_of_kubernetes(
        #[case] name: &str,
        #[case] value: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(is_of_platform(name, value), expected);
    }
}
