//! What only a whole descriptor shows: that how people sign in, the settings and the grants fit
//! together.

use portico_domain::{
    identity::TenantId,
    provider::{ConfiguredSignIn, Descriptor, FieldKind, Method, SettingSpec, Settings},
};

use super::rules::{Checked, broken, ensure};

/// Refuses a descriptor that cannot be carried out with `settings`: addresses that are none, or a
/// user record that its own grant does not cover.
pub(crate) fn check(descriptor: &Descriptor, settings: Settings) -> Checked<()> {
    let settings = settings.complete(&descriptor.settings).map_err(broken)?;
    let sign_in = descriptor.sign_in.clone();
    let configured = ConfiguredSignIn::new(sign_in, descriptor.tenant_pointer(), settings.clone());
    let tenant = TenantId::parse("tenant").map_err(broken)?;
    let sign_in = configured.and_then(|it| it.at(Some(&tenant))).map_err(broken)?;
    for record in sign_in.user_records {
        let granted =
            descriptor.permissions.iter().filter(|permission| permission.name == record.permission);
        let mut filled = granted.map(|permission| permission.clone().with_settings(&settings));
        let covered = filled.any(|permission| permission.covers(Method::Get, &record.url));
        let rule = format_args!("its grant {} does not cover its user record", record.permission);
        ensure(covered, rule)?;
    }
    Ok(())
}

/// Settings that an operator could write: one for each that has no default.
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
