//! Conformance: the rules that every provider must follow. A check has a stable name, the rule as a
//! sentence, what was seen, and a remedy.

mod context;
mod descriptor;
mod determinism;
mod headers;
mod identity;
mod listing;
mod mutate;
mod paging;
mod permissions;
mod report;
mod rule;
mod settings;
mod sign_in;
mod survives;

#[cfg(test)]
mod tests;

pub use self::report::{Check, Report, Verdict};
use self::{
    context::CheckContext,
    rule::{DescriptorRule, Finding, Rule},
};
use crate::{factory::Factory, fixtures::Fixtures};

/// The rules for the descriptor, in the order of the report.
const DESCRIPTOR_RULES: [&[DescriptorRule]; 3] =
    [descriptor::RULES, sign_in::DESCRIPTOR_RULES, permissions::RULES];

/// The rules for the behaviour, in the order of the report.
const RULES: [&[Rule]; 8] = [
    settings::RULES,
    sign_in::RULES,
    identity::RULES,
    listing::RULES,
    headers::RULES,
    determinism::RULES,
    paging::RULES,
    survives::RULES,
];

/// Checks a provider against every rule, once with each of the fixtures. Without fixtures, settings and
/// replies are generated, and rules that need real ones are skipped.
pub async fn check(factory: &dyn Factory, fixtures: &[Fixtures]) -> Report {
    check_selected(factory, fixtures, |_| true).await
}

/// Checks a provider against the rules whose name is `selected`.
async fn check_selected(
    factory: &dyn Factory,
    fixtures: &[Fixtures],
    selected: impl Fn(&str) -> bool,
) -> Report {
    let descriptor = factory.descriptor();
    let rules = DESCRIPTOR_RULES.iter().flat_map(|rules| rules.iter());
    let rules = rules.filter(|rule| selected(rule.name));
    let mut checks: Vec<_> = rules.map(|rule| rule.check(descriptor)).collect();
    let generated = [Fixtures::generated(descriptor)];
    let fixtures = if fixtures.is_empty() { &generated } else { fixtures };
    let mut contexts = Vec::with_capacity(fixtures.len());
    for fixtures in fixtures {
        contexts.push(CheckContext::new(factory, fixtures).await);
    }
    let rules = RULES.iter().flat_map(|rules| rules.iter());
    for rule in rules.filter(|rule| selected(rule.name)) {
        let mut findings = Vec::with_capacity(contexts.len());
        for context in &contexts {
            let finding = match (&context.unusable, rule.needs_provider) {
                (Some(why), true) => Finding::Skipped(why.clone()),
                _ => (rule.run)(context).await,
            };
            findings.push((context.fixtures.name.as_str(), finding));
        }
        checks.push(rule.check(findings));
    }
    Report { checks }
}
