//! Host patterns of permissions: `management.azure.com`, `*.amazonaws.com`, `{arm}`,
//! `portal.{region}.example:8443`.

use portico_domain::provider::{FieldKind, SettingSpec, template::placeholders};

use super::rules::{Checked, ensure};

/// An error for a pattern that is no host, or that covers too many hosts.
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
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number != 0));
    let (host, wildcard) = host.strip_prefix("*.").map_or((host, false), |host| (host, true));
    let labels: Vec<_> = host.split('.').collect();
    let is_host = is_port && labels.iter().all(|label| is_label(label));
    ensure(is_host, refuse("is not the lower-case name of a host, with a port or without"))?;
    // `*.com` would cover every domain below `com`.
    ensure(!wildcard || labels.len() >= 2, refuse("covers a whole top-level domain"))?;
    // The setting would choose the domain whose every host is covered.
    let is_open = wildcard && pattern.contains('{');
    ensure(!is_open, refuse("has both a wildcard and a setting"))
}

/// The pattern with a sample label for each placeholder; `None` if one names no setting of `settings`.
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
    use rstest::rstest;

    use super::*;

    fn check_with_region(pattern: &str) -> Checked<()> {
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

    #[rstest]
    #[case::name("management.azure.com")]
    #[case::wildcard("*.amazonaws.com")]
    #[case::whole_setting("{region}")]
    #[case::setting_as_label("portal.sso.{region}.amazonaws.com")]
    #[case::ip_address_with_port("127.0.0.1:4000")]
    #[case::single_label("localhost")]
    fn check_accepts_host_pattern(#[case] pattern: &str) {
        assert_eq!(check_with_region(pattern), Ok(()));
    }

    #[rstest]
    #[case::empty("")]
    #[case::wildcard_alone("*")]
    #[case::wildcard_without_domain("*.")]
    #[case::wildcard_of_top_level_domain("*.com")]
    #[case::wildcard_with_setting("*.{region}.com")]
    #[case::wildcard_inside("a.*.example")]
    #[case::wildcard_in_label("*a.example")]
    #[case::url("https://a.example")]
    #[case::path("a.example/path")]
    #[case::user("a@b.example")]
    #[case::space("a b.example")]
    #[case::upper_case("A.example")]
    #[case::empty_label("a..example")]
    #[case::leading_hyphen("-a.example")]
    #[case::empty_port("a.example:")]
    #[case::port_zero("a.example:0")]
    #[case::port_over_65535("a.example:99999")]
    #[case::two_ports("a.example:1:2")]
    #[case::ipv6("[::1]")]
    #[case::unknown_setting("{area}")]
    #[case::unclosed_placeholder("{region")]
    #[case::unopened_placeholder("region}")]
    #[case::query("a.example?x")]
    #[case::line_feed("a\nb")]
    #[case::too_long(&"a".repeat(300))]
    fn check_refuses_host_pattern(#[case] pattern: &str) {
        assert!(check_with_region(pattern).is_err());
    }
}
