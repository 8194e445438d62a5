//! Does it take the settings it asks for, and refuse others by their name?

use portico_domain::provider::{CallError, FieldKind, ProviderError, SettingSpec, Settings};

use super::{
    bench::Bench,
    rule::{Rule, Seen},
};
use crate::drive::guarded;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "takes-its-settings",
        sentence: "it can be configured with the settings it asks for",
        remedy: "mend the provider, or put settings that it takes into the fixtures; every other \
                 check needs them",
        needs_provider: false,
        look: |bench| Box::pin(async { taken(bench) }),
    },
    Rule {
        name: "refuses-missing-settings",
        sentence: "it refuses the lack of a required setting, and names it",
        remedy: "answer the problem `setting` with the key and what to write where a required \
                 setting is missing",
        needs_provider: true,
        look: |bench| Box::pin(missing(bench)),
    },
    Rule {
        name: "refuses-odd-settings",
        sentence: "it refuses a value that is not of the setting's kind, and names the setting",
        remedy: "answer the problem `setting` with the key where a value is no address, none of the \
                 words or neither true nor false",
        needs_provider: true,
        look: |bench| Box::pin(odd(bench)),
    },
];

fn taken(bench: &Bench<'_>) -> Seen {
    Seen::of(bench.unusable.clone(), "it was configured")
}

/// Whether a provider has to refuse the lack of this one: of a secret it knows nothing.
fn is_missed(spec: &SettingSpec) -> bool {
    spec.required && spec.default.is_none() && spec.kind != FieldKind::Secret
}

async fn missing(bench: &Bench<'_>) -> Seen {
    let specs = &bench.factory.descriptor().settings;
    let required: Vec<_> = specs.iter().filter(|it| is_missed(it)).collect();
    if required.is_empty() {
        return Seen::Nothing("no setting is required".into());
    }
    for spec in &required {
        let left = bench.fixtures.settings.iter().filter(|(key, _)| *key != spec.key);
        if let Some(complaint) = not_refused(bench, left.collect(), spec, "is missing").await {
            return Seen::Bad(complaint);
        }
    }
    Seen::Good(format!("{} refused when missing", required.len()))
}

async fn odd(bench: &Bench<'_>) -> Seen {
    let specs = bench.factory.descriptor().settings.iter();
    let bounded: Vec<_> =
        specs.filter(|it| !matches!(it.kind, FieldKind::Text | FieldKind::Secret)).collect();
    if bounded.is_empty() {
        return Seen::Nothing("every setting takes any text".into());
    }
    for spec in &bounded {
        let value = "such nonsense";
        let given = bench.fixtures.settings.iter().filter(|(key, _)| *key != spec.key);
        let given: Settings = given.chain([(spec.key.as_str(), value)]).collect();
        if let Some(complaint) = not_refused(bench, given, spec, "is nonsense").await {
            return Seen::Bad(complaint);
        }
    }
    Seen::Good(format!("{} refused when they are nonsense", bounded.len()))
}

async fn not_refused(
    bench: &Bench<'_>,
    settings: Settings,
    spec: &SettingSpec,
    how: &str,
) -> Option<String> {
    let key = &spec.key;
    match guarded(bench.factory.configure(&settings)).await {
        Err(CallError::Provider(ProviderError::Setting { key: named, .. })) if named == *key => {
            None
        }
        Err(other) => Some(format!("the setting {key} {how}, and it says: {other}")),
        Ok(_) => Some(format!("the setting {key} {how}, and it takes that")),
    }
}
