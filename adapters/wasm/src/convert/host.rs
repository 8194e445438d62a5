//! The patterns of hosts in grants: `management.azure.com`, `*.amazonaws.com`, `{arm}`,
//! `portal.{region}.example:8443`.

use portico_domain::provider::{FieldKind, SettingSpec, template::placeholders};

use super::rules::{Checked, ensure};

/// Refuses a pattern that is no host, or one that is too many.
pub(super) fn check(pattern: &str, settings: &[SettingSpec]) -> Checked<()> {
    let shown = portico_domain::text::clean(pattern, 80);
    let refuse = |rule: &str| format!("the host {shown:?} of a grant {rule}");
    ensure(pattern.len() <= 253, refuse("has more than 253 characters"))?;
    let secret =
        |key| settings.iter().any(|spec| spec.key == key && spec.kind == FieldKind::Secret);
    ensure(!placeholders(pattern).any(secret), refuse("names a secret"))?;
    let filled = filled(pattern, settings);
    let Some(filled) = filled else {
        return ensure(false, refuse("names a setting that it does not ask for"));
    };
    let (host, port) = match filled.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (filled.as_str(), None),
    };
    let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number != 0));
    let (host, wildcard) = host.strip_prefix("*.").map_or((host, false), |host| (host, true));
    let labels: Vec<_> = host.split('.').collect();
    let fits = port_fits && labels.iter().all(|label| is_label(label));
    ensure(fits, refuse("is not the lower-case name of a host, with a port or without"))?;
    // `*.com` would be half of the internet.
    ensure(!wildcard || labels.len() >= 2, refuse("covers a whole top-level domain"))?;
    // A placeholder under a wildcard would leave the domain to whoever writes the setting.
    let open = wildcard && pattern.contains('{');
    ensure(!open, refuse("has both a wildcard and a setting"))
}

/// The pattern with a label for each setting; `None` where a setting is not one of `settings`.
fn filled(pattern: &str, settings: &[SettingSpec]) -> Option<String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (key, after) = after.split_once('}')?;
        settings.iter().find(|spec| spec.key == key)?;
        text.push_str(before);
        text.push('x');
        rest = after;
    }
    Some(text + rest)
}

fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(pattern: &str) -> Checked<()> {
        let setting = SettingSpec {
            key: "region".into(),
            label: "Region".into(),
            help: String::new(),
            kind: FieldKind::Text,
            required: true,
            default: None,
        };
        check(pattern, &[setting])
    }

    #[test]
    fn a_pattern_is_a_host_or_what_is_below_one() {
        for good in [
            "management.azure.com",
            "*.amazonaws.com",
            "{region}",
            "portal.sso.{region}.amazonaws.com",
            "127.0.0.1:4000",
            "localhost",
        ] {
            assert_eq!(checked(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_pattern_that_is_no_host_or_too_many_is_refused() {
        let long = "a".repeat(300);
        for bad in [
            "",
            "*",
            "*.",
            "*.com",
            "*.{region}.com",
            "a.*.example",
            "*a.example",
            "https://a.example",
            "a.example/path",
            "a@b.example",
            "a b.example",
            "A.example",
            "a..example",
            "-a.example",
            "a.example:",
            "a.example:0",
            "a.example:99999",
            "a.example:1:2",
            "[::1]",
            "{area}",
            "{region",
            "region}",
            "a.example?x",
            "a\nb",
            &long,
        ] {
            assert!(checked(bad).is_err(), "{bad:?}");
        }
    }
}
