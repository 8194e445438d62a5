//! Who a plug-in says it is.

use portico_domain::{
    identity::ProviderId,
    provider::{
        CallError, Capability, Descriptor, SignInTemplate, SubjectMapping,
        template::check_placeholders,
    },
    text::clean,
};
use semver::Version;

use super::{
    permission::permission,
    rules::{Checked, all_differ, at_most, broken, ensure, line, pointer, text},
    setting::setting,
    sign_in, whole,
};
use crate::bindings::wire;

const MAX_ICON_LEN: usize = 32 << 10;

/// The descriptor, every part of it checked. What a guest of interface 1 says of signing in is not
/// declared yet (`is_v1`), and nobody can sign in by it.
pub(crate) fn descriptor(it: wire::Descriptor, is_v1: bool) -> Checked<Descriptor> {
    failed(&it.extra)?;
    let settings = settings(it.settings)?;
    let permissions = permissions(it.permissions, &settings)?;
    let (sign_in, people) = if is_v1 {
        (undeclared(), it.people.map(v1_people).transpose()?)
    } else {
        let sign_in = sign_in::sign_in(it.sign_in, &settings, &permissions)?;
        let people = it.people.map(|people| sign_in::people(people, &sign_in)).transpose()?;
        (sign_in, people)
    };
    let descriptor = Descriptor {
        id: ProviderId::parse(it.id).map_err(broken)?,
        name: line(it.name, 64, "its name")?,
        version: version(it.version)?,
        icon: it.icon.map(icon).transpose()?,
        account_noun: noun(it.account_noun)?,
        settings,
        sign_in,
        people,
        permissions,
        capabilities: capabilities(it.capabilities)?,
    };
    if !is_v1 {
        whole::check(&descriptor, whole::sample(&descriptor.settings))?;
    }
    Ok(descriptor)
}

/// `describe` has no way to refuse. The SDKs say in this member of `extra` what is wrong with the
/// descriptor that they could not make; everything else in it is made up then.
const FAULT: &str = "portico-fault";
const MAX_FAULT_LEN: usize = 600;

fn failed(extra: &[(String, String)]) -> Checked<()> {
    match extra.iter().find(|(name, _)| name == FAULT) {
        Some((_, what)) => Err(broken(clean(what, MAX_FAULT_LEN))),
        None => Ok(()),
    }
}

/// An issuer that is no address: nothing can be made of it.
pub(crate) fn undeclared() -> SignInTemplate {
    SignInTemplate::of_issuer("")
}

fn v1_people(it: wire::People) -> Checked<SubjectMapping> {
    let tenant = it.tenant.map(|at| pointer(at, "the place of its people's tenant"));
    Ok(SubjectMapping {
        subject: pointer(it.subject, "the place of its people's subject")?,
        tenant: tenant.transpose()?,
        display_name: vec![],
        username: vec![],
    })
}

fn capabilities(all: Vec<wire::Capability>) -> Checked<Vec<Capability>> {
    at_most(&all, 16, "capabilities")?;
    all_differ(all.iter().map(|one| &one.name), "capabilities' names")?;
    let capability = |it: wire::Capability| {
        at_most(&it.extra, 16, "members of a capability")?;
        let member = |(key, value)| {
            Ok::<_, CallError>((
                line(key, 64, "a member of a capability")?,
                text(value, 2048, "a member of a capability")?,
            ))
        };
        Ok(Capability {
            name: line(it.name, 64, "a capability's name")?,
            kind: line(it.kind, 64, "a capability's kind")?,
            why: text(it.why, 1024, "why a capability is asked for")?,
            extra: it.extra.into_iter().map(member).collect::<Checked<_>>()?,
        })
    };
    all.into_iter().map(capability).collect()
}

fn version(text: String) -> Checked<String> {
    let kept = text.len() <= 64 && Version::parse(&text).is_ok();
    ensure(kept, "its version is not a semantic version of at most 64 characters")?;
    Ok(text)
}

fn icon(text: String) -> Checked<String> {
    ensure(text.len() <= MAX_ICON_LEN, "its icon has more than 32 KiB")?;
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
    let settings: Vec<_> = settings.into_iter().map(setting).collect::<Checked<_>>()?;
    for (at, spec) in settings.iter().enumerate() {
        let before = &settings[..at];
        let default = spec.default.as_deref().unwrap_or_default();
        check_placeholders(default, before, false)
            .map_err(|why| broken(format_args!("the default of {}: {why}", spec.key)))?;
    }
    Ok(settings)
}

fn permissions(
    permissions: Vec<wire::Permission>,
    settings: &[portico_domain::provider::SettingSpec],
) -> Checked<Vec<portico_domain::provider::Permission>> {
    at_most(&permissions, 16, "grants")?;
    all_differ(permissions.iter().map(|one| &one.name), "grants' names")?;
    permissions.into_iter().map(|one| permission(one, settings)).collect()
}
