//! The address that a template makes.

use url::Url;

use super::{Part, TENANT, TemplateError, is_host_part, parts};
use crate::{declaration::Settings, identity::TenantId, rules::address::may_be_called};

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
