//! Who a plug-in says it is.

use portico_domain::{
    identity::ProviderId,
    provider::{Descriptor, People},
};
use semver::Version;

use super::{
    grant::grant,
    rules::{Checked, all_differ, at_most, broken, ensure, line, pointer},
    setting::setting,
};
use crate::{bindings::wire, upgrade::Described};

const LONGEST_ICON: usize = 32 << 10;

/// The descriptor, every part of it checked.
pub(crate) fn descriptor(described: Described) -> Checked<Descriptor> {
    let (it, people) = match described {
        Described::V1(mut it) => {
            let people = it.people.take().map(people).transpose()?;
            (it, people)
        }
        Described::V0 { descriptor, signs_in } => {
            (descriptor, signs_in.then_some(People::Anywhere))
        }
    };
    let settings = settings(it.settings)?;
    Ok(Descriptor {
        id: ProviderId::parse(it.id).map_err(broken)?,
        name: line(it.name, 64, "its name")?,
        version: version(it.version)?,
        icon: it.icon.map(icon).transpose()?,
        account_noun: noun(it.account_noun)?,
        people,
        grants: grants(it.grants, &settings)?,
        settings,
    })
}

fn people(it: wire::People) -> Checked<People> {
    let subject = pointer(it.subject, "the place of its people's subject")?;
    let tenant = it.tenant.map(|at| pointer(at, "the place of its people's tenant"));
    Ok(People::At { subject, tenant: tenant.transpose()? })
}

fn version(text: String) -> Checked<String> {
    let kept = text.len() <= 64 && Version::parse(&text).is_ok();
    ensure(kept, "its version is not a semantic version of at most 64 characters")?;
    Ok(text)
}

fn icon(text: String) -> Checked<String> {
    ensure(text.len() <= LONGEST_ICON, "its icon has more than 32 KiB")?;
    Ok(text)
}

fn noun(text: String) -> Checked<String> {
    let noun = line(text, 32, "its account noun")?;
    let kept = noun.chars().all(|c| c.is_lowercase() || matches!(c, ' ' | '-'));
    ensure(kept, "its account noun is not in lower-case letters")?;
    Ok(noun)
}

fn settings(
    settings: Vec<wire::SettingSpec>,
) -> Checked<Vec<portico_domain::provider::SettingSpec>> {
    at_most(&settings, 32, "settings")?;
    all_differ(settings.iter().map(|one| &one.key), "settings' keys")?;
    settings.into_iter().map(setting).collect()
}

fn grants(
    grants: Vec<wire::Grant>,
    settings: &[portico_domain::provider::SettingSpec],
) -> Checked<Vec<portico_domain::provider::Grant>> {
    at_most(&grants, 16, "grants")?;
    all_differ(grants.iter().map(|one| &one.name), "grants' names")?;
    grants.into_iter().map(|one| grant(one, settings)).collect()
}
