//! Rules about the parts of a descriptor together: sign-in, settings and permissions.

use portico_domain::{
    identity::TenantId,
    provider::{ConfiguredSignIn, Descriptor, FieldKind, Method, SettingSpec, Settings},
};

use super::rules::{Checked, broken, ensure};

/// An error if, with `settings`, an endpoint is not a valid URL or the permission of a user record does
/// not cover its URL.
pub(crate) fn check(descriptor: &Descriptor, settings: Settings) -> Checked<()> {
    let settings = settings.complete(&descriptor.settings).map_err(broken)?;
    let sign_in = descriptor.sign_in.clone();
    let configured = ConfiguredSignIn::new(sign_in, descriptor.tenant_pointer(), settings.clone());
    let tenant = TenantId::parse("tenant").map_err(broken)?;
    let sign_in = configured.and_then(|it| it.at(Some(&tenant))).map_err(broken)?;
    for record in sign_in.user_records {
        let named =
            descriptor.permissions.iter().filter(|permission| permission.name == record.permission);
        let mut filled = named.map(|permission| permission.clone().with_settings(&settings));
        let covered = filled.any(|permission| permission.covers(Method::Get, &record.url));
        let rule = format_args!("its grant {} does not cover its user record", record.permission);
        ensure(covered, rule)?;
    }
    Ok(())
}

/// Sample values for the settings without a default.
pub(crate) fn sample(specs: &[SettingSpec]) -> Settings {
    let without = specs.iter().filter(|spec| spec.default.is_none());
    without.map(|spec| (spec.key.clone(), sample_value(spec))).collect()
}

fn sample_value(spec: &SettingSpec) -> String {
    match &spec.kind {
        FieldKind::Url => format!("https://{}.example", spec.key),
        FieldKind::Choice(words) => words.first().cloned().unwrap_or_default(),
        FieldKind::Flag => "true".into(),
        FieldKind::Text | FieldKind::Secret => spec.key.clone(),
    }
}
