//! Conformance: what every provider must do, each a check with a stable name, a sentence, what was
//! seen and what to mend.

mod bench;
mod describes;
mod headers;
mod identifies;
mod lists;
mod mutate;
mod paging;
mod permissions;
mod report;
mod rule;
mod settings;
mod sign_in;
mod steady;
mod survives;

#[cfg(test)]
mod tests;

pub use self::report::{Check, Report, Verdict};
use self::{
    bench::Bench,
    rule::{DescriptorRule, Rule, Seen},
};
use crate::{factory::Factory, fixtures::Fixtures};

/// Every check of what a provider says of itself.
const OF_DESCRIPTORS: [&[DescriptorRule]; 3] =
    [describes::RULES, sign_in::DESCRIPTOR_RULES, permissions::RULES];

/// Every check of what a provider does.
const OF_PROVIDERS: [&[Rule]; 8] = [
    settings::RULES,
    sign_in::RULES,
    identifies::RULES,
    lists::RULES,
    headers::RULES,
    steady::RULES,
    paging::RULES,
    survives::RULES,
];

/// Holds a provider against what every provider must do, once with each of the fixtures. Without
/// any, settings and replies are made up, and what needs real ones is skipped.
pub async fn check(factory: &dyn Factory, fixtures: &[Fixtures]) -> Report {
    these(factory, fixtures, |_| true).await
}

/// The checks that are wanted, by their names.
async fn these(
    factory: &dyn Factory,
    fixtures: &[Fixtures],
    wanted: impl Fn(&str) -> bool,
) -> Report {
    let descriptor = factory.descriptor();
    let rules = OF_DESCRIPTORS.iter().flat_map(|rules| rules.iter());
    let rules = rules.filter(|rule| wanted(rule.name));
    let mut checks: Vec<_> = rules.map(|rule| rule.check(descriptor)).collect();
    let made_up = [Fixtures::made_up(descriptor)];
    let fixtures = if fixtures.is_empty() { &made_up } else { fixtures };
    let mut benches = Vec::with_capacity(fixtures.len());
    for each in fixtures {
        benches.push(Bench::set_up(factory, each).await);
    }
    let rules = OF_PROVIDERS.iter().flat_map(|rules| rules.iter());
    for rule in rules.filter(|rule| wanted(rule.name)) {
        let mut seen = Vec::with_capacity(benches.len());
        for bench in &benches {
            let looked = match (&bench.unusable, rule.needs_provider) {
                (Some(why), true) => Seen::Nothing(why.clone()),
                _ => (rule.look)(bench).await,
            };
            seen.push((bench.fixtures.name.as_str(), looked));
        }
        checks.push(rule.check(seen));
    }
    Report { checks }
}
