//! Checks of templates before there are settings.

use super::{TENANT, address, placeholders};
use crate::{
    declaration::{FieldKind, SettingSpec, Settings},
    identity::TenantId,
};

/// Checks that settings can fill `template` with an address.
///
/// # Errors
/// A placeholder is not a setting, or is a secret; `{tenant}` is not allowed here, or not one whole
/// segment of the path; or the text around the placeholders is not an https address.
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
    let whole_segments = segments.filter(|segment| *segment == "tenant-segment").count();
    let placeholders = placeholders(template).filter(|key| *key == TENANT).count();
    if whole_segments == placeholders && placeholders <= 1 {
        Ok(())
    } else {
        Err("{tenant} must be one whole segment of the path".into())
    }
}

/// Checks that every placeholder is a setting that is not a secret, or, `with_tenant`, the tenant.
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
