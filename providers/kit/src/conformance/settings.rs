//! Settings: the provider accepts those it declares and refuses missing or invalid ones by key.

use portico_domain::provider::{CallError, FieldKind, ProviderError, SettingSpec, Settings};

use super::{
    context::CheckContext,
    rule::{Finding, Rule},
};
use crate::host::catch_panic;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "takes-its-settings",
        sentence: "it can be configured with the settings it asks for",
        remedy: "correct the provider, or put settings that it accepts into the fixtures; every \
                 other check needs them",
        needs_provider: false,
        run: |context| Box::pin(async { accepted(context) }),
    },
    Rule {
        name: "refuses-missing-settings",
        sentence: "it refuses to be configured without a required setting, and names the setting",
        remedy: "return the problem `setting` with the key and what to write if a required setting \
                 is missing",
        needs_provider: true,
        run: |context| Box::pin(missing_refused(context)),
    },
    Rule {
        name: "refuses-odd-settings",
        sentence: "it refuses a value that is not of the setting's kind, and names the setting",
        remedy: "return the problem `setting` with the key if a value is not an address, not one of \
                 the choices, or neither true nor false",
        needs_provider: true,
        run: |context| Box::pin(invalid_refused(context)),
    },
];

fn accepted(context: &CheckContext<'_>) -> Finding {
    Finding::of(context.unusable.clone(), "it was configured")
}

/// Whether a provider must refuse to go without this setting. A provider never sees a secret.
fn must_be_given(spec: &SettingSpec) -> bool {
    spec.required && spec.default.is_none() && spec.kind != FieldKind::Secret
}

async fn missing_refused(context: &CheckContext<'_>) -> Finding {
    let specs = &context.factory.descriptor().settings;
    let required: Vec<_> = specs.iter().filter(|it| must_be_given(it)).collect();
    if required.is_empty() {
        return Finding::Skipped("no setting is required".into());
    }
    for spec in &required {
        let others = context.fixtures.settings.iter().filter(|(key, _)| *key != spec.key);
        let others = others.collect();
        if let Some(violation) = not_refused(context, others, spec, "is missing").await {
            return Finding::Failed(violation);
        }
    }
    Finding::Passed(format!("{} refused when missing", required.len()))
}

async fn invalid_refused(context: &CheckContext<'_>) -> Finding {
    let specs = context.factory.descriptor().settings.iter();
    let restricted: Vec<_> =
        specs.filter(|it| !matches!(it.kind, FieldKind::Text | FieldKind::Secret)).collect();
    if restricted.is_empty() {
        return Finding::Skipped("every setting accepts any text".into());
    }
    for spec in &restricted {
        let value = "such nonsense";
        let others = context.fixtures.settings.iter().filter(|(key, _)| *key != spec.key);
        let settings: Settings = others.chain([(spec.key.as_str(), value)]).collect();
        if let Some(violation) = not_refused(context, settings, spec, "is invalid").await {
            return Finding::Failed(violation);
        }
    }
    Finding::Passed(format!("{} refused when invalid", restricted.len()))
}

/// The violation if the provider is configured with `settings`, or refuses them without naming `spec`.
async fn not_refused(
    context: &CheckContext<'_>,
    settings: Settings,
    spec: &SettingSpec,
    fault: &str,
) -> Option<String> {
    let key = &spec.key;
    match catch_panic(context.factory.configure(&settings)).await {
        Err(CallError::Provider(ProviderError::Setting { key: named, .. })) if named == *key => {
            None
        }
        Err(other) => Some(format!("the setting {key} {fault}, and the error is: {other}")),
        Ok(_) => Some(format!("the setting {key} {fault}, and it is accepted")),
    }
}
