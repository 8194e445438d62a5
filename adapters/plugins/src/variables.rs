//! Conflicts between the environment variables of plug-ins: `MY_OIDC_ISSUER` is the setting `issuer` of
//! `my-oidc` and the setting `oidc-issuer` of `my`. A plug-in must not receive a value meant for another
//! one, so of two plug-ins that would read one variable neither is loaded. Variables with the prefix of a
//! granted plug-in belong to it, whether it can be loaded or not.

use std::collections::{BTreeMap, BTreeSet};

use portico_domain::{identity::ProviderId, provider::Descriptor};

use crate::settings::{variable, variables};

/// The plug-ins that must not be loaded, each with the reason; `granted` are granted or offered.
pub(super) fn conflicts<'a>(
    plugins: impl IntoIterator<Item = &'a Descriptor>,
    granted: &BTreeSet<ProviderId>,
) -> BTreeMap<ProviderId, String> {
    let mut faults = BTreeMap::new();
    let mut readers: BTreeMap<String, BTreeSet<&ProviderId>> = BTreeMap::new();
    for descriptor in plugins {
        if let Some(why) = conflict(descriptor, granted) {
            faults.insert(descriptor.id.clone(), why);
        }
        for variable in variables(descriptor) {
            readers.entry(variable).or_default().insert(&descriptor.id);
        }
    }
    for (variable, ids) in readers.iter().filter(|(_, ids)| ids.len() > 1) {
        for id in ids {
            let others = ids.iter().filter(|other| *other != id);
            let others: Vec<_> = others.map(|other| other.as_str()).collect();
            let others = others.join(", ");
            faults.entry((*id).clone()).or_insert_with(|| {
                format!(
                    "it reads the variable {variable}, which belongs to {others} too: rename one of \
                     them, or remove one."
                )
            });
        }
    }
    faults
}

/// Why a plug-in must not be loaded: one of its variables belongs to one of `granted`.
pub fn conflict(descriptor: &Descriptor, granted: &BTreeSet<ProviderId>) -> Option<String> {
    let others = granted.iter().filter(|id| may_share(id, &descriptor.id));
    let prefixes: Vec<_> = others.map(|id| (id, variable(id, ""))).collect();
    let (reads, owner) = variables(descriptor).into_iter().find_map(|reads| {
        let own = variable(&descriptor.id, "");
        let owner =
            prefixes.iter().find(|(_, it)| it.len() > own.len() && reads.starts_with(it.as_str()));
        owner.map(|(id, _)| (reads.clone(), *id))
    })?;
    Some(format!(
        "it reads the variable {reads}, which belongs to {owner}: rename one of them, or remove one."
    ))
}

/// Whether two plug-ins may read one variable, depending on their settings: one id is a prefix of the
/// other, followed by a hyphen.
pub(super) fn may_share(one: &ProviderId, other: &ProviderId) -> bool {
    let extends = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
    };
    extends(one.as_str(), other.as_str()) || extends(other.as_str(), one.as_str())
}

#[cfg(test)]
mod tests;
