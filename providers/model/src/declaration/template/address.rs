//! Filling a template of an address.

use url::Url;

use super::{Part, TENANT, TemplateError, is_host_part, parts};
use crate::{declaration::Settings, identity::TenantId, rules::address::may_be_called};

/// The address of a template, filled with settings and tenant.
///
/// A placeholder at the beginning is the address in a setting; one within the host, labels of a host
/// name; one in the path, a segment.
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
        let tenant = tenant.map(|tenant| normalized(tenant.as_str()));
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
            // A whole address is used as the operator wrote it: an issuer is compared byte by byte.
            let alone = template.len() == key.len() + 2;
            text.push_str(if alone { value } else { value.trim_end_matches('/') });
        } else if is_in_path(&text) {
            if matches!(value, "." | "..") {
                return Err(misfit("a segment of a path"));
            }
            text.extend(url::form_urlencoded::byte_serialize(value.as_bytes()).map(escape_space));
        } else if is_host_part(value) {
            text.push_str(value);
        } else {
            return Err(misfit("a part of a host's name"));
        }
    }
    parse(&text, template)
}

/// An https or loopback address without user, query and fragment. If it is not one, that is the fault of
/// the setting that the template begins with, if it begins with one.
fn parse(text: &str, template: &str) -> Result<Url, TemplateError> {
    let refused = || match parts(template).next() {
        Some(Part::Key(key)) => TemplateError::Misfit {
            key: key.to_owned(),
            template: template.to_owned(),
            rule: "an https address (plain http on loopback only) without user, query and fragment",
        },
        _ => TemplateError::Address(text.to_owned()),
    };
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_bare && may_be_called(&url) { Ok(url) } else { Err(refused()) }
}

/// Whether the text after `text`, the beginning of an address, is in the path.
fn is_in_path(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('/'))
}

/// Forms encode a space as `+`, which is a plus sign in a path.
fn escape_space(part: &str) -> &str {
    if part == "+" { "%20" } else { part }
}

/// A GUID in lower case, as an issuer has it; any other tenant unchanged.
fn normalized(tenant: &str) -> String {
    let is_guid = tenant.len() == 36
        && tenant.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    if is_guid { tenant.to_ascii_lowercase() } else { tenant.to_owned() }
}
