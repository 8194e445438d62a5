//! Whether a template makes addresses at all, before there are settings.

use super::{TENANT, address, placeholders};
use crate::{
    declaration::{FieldKind, SettingSpec, Settings},
    identity::TenantId,
};

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
