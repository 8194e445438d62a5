//! Templates: texts of a provider's descriptor in which the host puts the operator's settings and
//! the tenant that somebody signs in to.
//!
//! An operator agrees to the template. So what a setting or a tenant brings must not change its
//! shape: within a host it is labels, within a path one segment.

use thiserror::Error;
use url::Url;

use super::{FieldKind, SettingSpec, Settings};
use crate::{address::may_be_called, identity::TenantId};

/// The placeholder of the tenant; no setting has this key.
pub const TENANT: &str = "tenant";

/// Why a template cannot be filled.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TemplateError {
    /// The setting, or the tenant, is not given.
    #[error("{{{0}}} is not given")]
    Missing(String),
    /// What is given does not fit where it stands.
    #[error("{{{key}}} in {template:?} must be {rule}")]
    Misfit {
        /// Which placeholder.
        key: String,
        /// Where it stands.
        template: String,
        /// What it must be.
        rule: &'static str,
    },
    /// The filled text is no address that a token may be sent to.
    #[error(
        "{0:?} is not an https address (plain http on loopback only) without user, query and fragment"
    )]
    Address(String),
}

/// The keys of a template's placeholders, in their order.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    parts(template).filter_map(|part| match part {
        Part::Key(key) => Some(key),
        Part::Text(_) => None,
    })
}

/// `template` with what `value` says for each placeholder; what it says nothing for stays as it is.
/// A filled text is not filled again.
pub fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len());
    for part in parts(template) {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Key(key) => match value(key) {
                Some(value) => text.push_str(value),
                None => text.extend(["{", key, "}"]),
            },
        }
    }
    text
}

/// The address that a template makes of settings and tenant.
///
/// A placeholder at the beginning is the address in a setting; one within the host, labels of a
/// host's name; one in the path, a segment.
pub fn address(
    template: &str,
    settings: &Settings,
    tenant: Option<&TenantId>,
) -> Result<Url, TemplateError> {
    let mut text = String::with_capacity(template.len());
    for part in parts(template) {
        let key = match part {
            Part::Text(part) => {
                text.push_str(part);
                continue;
            }
            Part::Key(key) => key,
        };
        let tenant = tenant.map(|tenant| spelled(tenant.as_str()));
        let value = match key {
            TENANT => tenant.as_deref(),
            key => settings.get(key),
        };
        let value = value.ok_or_else(|| TemplateError::Missing(key.to_owned()))?;
        let misfit = |rule| TemplateError::Misfit {
            key: key.to_owned(),
            template: template.to_owned(),
            rule,
        };
        if text.is_empty() {
            // Alone it stays as the operator wrote it: an issuer is compared byte by byte.
            let alone = template.len() == key.len() + 2;
            text.push_str(if alone { value } else { value.trim_end_matches('/') });
        } else if is_in_path(&text) {
            if matches!(value, "." | "..") {
                return Err(misfit("a segment of a path"));
            }
            text.extend(url::form_urlencoded::byte_serialize(value.as_bytes()).map(percent_blank));
        } else if is_host_part(value) {
            text.push_str(value);
        } else {
            return Err(misfit("a part of a host's name"));
        }
    }
    // An address that begins with a setting is the operator's to mend.
    let refused = || match parts(template).next() {
        Some(Part::Key(key)) => TemplateError::Misfit {
            key: key.to_owned(),
            template: template.to_owned(),
            rule: "an https address (plain http on loopback only) without user, query and fragment",
        },
        _ => TemplateError::Address(text.clone()),
    };
    let url = Url::parse(&text).map_err(|_| refused())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain && may_be_called(&url) { Ok(url) } else { Err(refused()) }
}

/// Why `template` makes no address, whatever the settings are: it names something that is none of
/// `settings`, or a secret, or the tenant where that has no place or is not one whole segment of the
/// path; or what is around the placeholders is no https address.
pub fn check_address(
    template: &str,
    settings: &[SettingSpec],
    with_tenant: bool,
) -> Result<(), String> {
    check_placeholders(template, settings, with_tenant)?;
    let sample = |spec: &SettingSpec| match spec.kind {
        FieldKind::Url => (spec.key.clone(), "https://a.example".to_owned()),
        _ => (spec.key.clone(), "a".to_owned()),
    };
    let samples: Settings = settings.iter().map(sample).collect();
    let tenant = TenantId::parse("tenant-segment").ok();
    let url = address(template, &samples, tenant.as_ref()).map_err(|error| error.to_string())?;
    let segments = url.path_segments().into_iter().flatten();
    let whole = segments.filter(|segment| *segment == "tenant-segment").count();
    let named = placeholders(template).filter(|key| *key == TENANT).count();
    if whole == named && named <= 1 {
        Ok(())
    } else {
        Err("{tenant} must be one whole segment of the path".into())
    }
}

/// Why `template` has a placeholder that nothing fills.
pub fn check_placeholders(
    template: &str,
    settings: &[SettingSpec],
    with_tenant: bool,
) -> Result<(), String> {
    for key in placeholders(template) {
        let spec = settings.iter().find(|spec| spec.key == key);
        match spec {
            Some(spec) if spec.kind == FieldKind::Secret => {
                return Err(format!("{{{key}}} is a secret"));
            }
            Some(_) => {}
            None if key == TENANT && with_tenant => {}
            None => return Err(format!("{{{key}}} is no setting that it asks for")),
        }
    }
    Ok(())
}

/// A label or more of a host's name: a setting cannot bring a port, a path or a wildcard.
pub(crate) fn is_host_part(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.split('.').all(is_label)
}

enum Part<'a> {
    Text(&'a str),
    Key(&'a str),
}

/// A brace without its pair is text.
fn parts(template: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = template;
    let mut key = None;
    std::iter::from_fn(move || {
        if let Some(key) = key.take() {
            return Some(Part::Key(key));
        }
        if rest.is_empty() {
            return None;
        }
        let found =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)));
        let Some((before, (name, after))) = found else {
            return Some(Part::Text(std::mem::take(&mut rest)));
        };
        rest = after;
        if before.is_empty() {
            return Some(Part::Key(name));
        }
        key = Some(name);
        Some(Part::Text(before))
    })
}

/// Whether what follows `text` is beyond the host of an address.
fn is_in_path(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('/'))
}

/// A form writes a blank as `+`, which in a path is a plus.
fn percent_blank(part: &str) -> &str {
    if part == "+" { "%20" } else { part }
}

/// A GUID names the same tenant in either case, and an issuer has it in lower case.
fn spelled(tenant: &str) -> String {
    let is_guid = tenant.len() == 36
        && tenant.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    if is_guid { tenant.to_ascii_lowercase() } else { tenant.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::from_iter([
            ("url", "https://id.example/base/"),
            ("region", "eu-west-1"),
            ("evil", "x.example/y"),
            ("loopback", "http://127.0.0.1:4000"),
            ("plain", "http://id.example"),
            ("query", "https://id.example/?a=b"),
            ("brace", "{tenant}"),
        ])
    }

    fn filled(template: &str, tenant: Option<&str>) -> Result<String, TemplateError> {
        let tenant = tenant.map(|text| TenantId::parse(text).unwrap());
        address(template, &settings(), tenant.as_ref()).map(String::from)
    }

    #[test]
    fn address_fills_settings_and_tenant_where_they_fit() {
        for (template, tenant, expected) in [
            ("{url}", None, "https://id.example/base/"),
            ("{url}/token", None, "https://id.example/base/token"),
            ("{loopback}/token", None, "http://127.0.0.1:4000/token"),
            ("https://sso.{region}.aws.example/x", None, "https://sso.eu-west-1.aws.example/x"),
            ("{url}/{tenant}/v2.0", Some("contoso"), "https://id.example/base/contoso/v2.0"),
            (
                "{url}/{tenant}",
                Some("7F7A0000-0000-0000-0000-00000000000A"),
                "https://id.example/base/7f7a0000-0000-0000-0000-00000000000a",
            ),
            ("{url}/{brace}", Some("contoso"), "https://id.example/base/%7Btenant%7D"),
        ] {
            assert_eq!(filled(template, tenant).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn address_keeps_a_tenant_one_segment_of_the_path() {
        for tenant in ["a/b", "a?b", "a#b", "..\\x", "a%2fb", "@evil.example"] {
            let url = Url::parse(&filled("{url}/{tenant}/v2.0", Some(tenant)).unwrap()).unwrap();
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            assert_eq!((url.host_str(), segments.len()), (Some("id.example"), 3), "{tenant}");
            assert_eq!((segments[0], segments[2]), ("base", "v2.0"), "{tenant}");
        }
        for climbing in [".", ".."] {
            assert!(filled("{url}/{tenant}/v2.0", Some(climbing)).is_err(), "{climbing}");
        }
    }

    #[test]
    fn address_refuses_what_does_not_fit_or_is_not_given() {
        let missing = |key: &str| Err(TemplateError::Missing(key.into()));
        assert_eq!(filled("{url}/{tenant}", None), missing("tenant"));
        assert_eq!(filled("{unheard-of}/token", None), missing("unheard-of"));
        for template in [
            "https://sso.{evil}.aws.example/x",
            "{plain}/token",
            "{query}",
            "{region}",
            "ftp://id.example/",
            "https://user@id.example/",
            "https://id.example/#x",
        ] {
            assert!(filled(template, None).is_err(), "{template}");
        }
    }

    #[test]
    fn check_address_refuses_what_no_settings_make_an_address_of() {
        let spec = |key: &str, kind| SettingSpec {
            key: key.into(),
            label: key.into(),
            help: String::new(),
            kind,
            required: true,
            default: None,
        };
        let specs = [
            spec("url", FieldKind::Url),
            spec("region", FieldKind::Text),
            spec("api-key", FieldKind::Secret),
        ];
        for good in [
            "{url}",
            "{url}/token",
            "https://sso.{region}.example/x",
            "{url}/{tenant}/v2.0",
            "https://a.example/{region}/{tenant}",
        ] {
            assert_eq!(check_address(good, &specs, true), Ok(()), "{good}");
        }
        assert!(check_address("{url}/{tenant}", &specs, false).is_err());
        for bad in [
            "",
            "{region}",
            "{unheard-of}/x",
            "{url}{tenant}",
            "{url}/x{tenant}",
            "{url}/{tenant}x",
            "{url}/{tenant}/{tenant}",
            "https://{tenant}.example/",
            "https://{api-key}.example/",
            "{api-key}",
            "http://a.example/",
            "https://a.example/?client_id=x",
            "https://a.example/#x",
            "https://u:p@a.example/",
            "javascript:alert(1)",
            "//a.example",
        ] {
            assert!(check_address(bad, &specs, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn address_names_the_setting_that_is_no_address() {
        for (template, key) in [("{plain}/token", "plain"), ("{query}", "query")] {
            let refused = filled(template, None);
            assert!(
                matches!(&refused, Err(TemplateError::Misfit { key: named, .. }) if named == key),
                "{refused:?}"
            );
        }
        let fixed = filled("http://id.example/", None);
        assert_eq!(fixed, Err(TemplateError::Address("http://id.example/".into())));
    }

    #[test]
    fn placeholders_are_named_in_their_order_and_a_lone_brace_is_none() {
        let named = |template| placeholders(template).collect::<Vec<_>>();
        assert_eq!(named("{a}/{b}/x"), ["a", "b"]);
        assert_eq!(named("a}/{b"), [""; 0]);
        assert_eq!(named("{}"), [""]);
    }
}
