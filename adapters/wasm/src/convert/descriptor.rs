//! A plug-in's descriptor.

use portico_domain::{
    identity::ProviderId,
    provider::{
        CallError, Capability, Descriptor, EndpointTemplates, Principal, SignInTemplate,
        template::{TENANT, check_placeholders, placeholders},
    },
    text::clean,
};
use semver::Version;

use super::{
    consistency, permission,
    rules::{Checked, all_differ, at_most, broken, ensure, line, text},
    setting::setting,
    sign_in,
};
use crate::bindings::wire;

const MAX_ICON_LEN: usize = 32 << 10;

/// The validated descriptor. With interface 1 (`is_v1`) it has no sign-in yet, and nobody can sign in
/// by it.
pub(crate) fn descriptor(it: wire::Descriptor, is_v1: bool) -> Checked<Descriptor> {
    check_sdk_error(&it.extra)?;
    let descriptor = Descriptor {
        id: ProviderId::parse(it.id).map_err(broken)?,
        name: line(it.name, 64, "its name")?,
        version: version(it.version)?,
        icon: it.icon.map(icon).transpose()?,
        account_noun: noun(it.account_noun)?,
        settings: settings(it.settings)?,
        sign_in: if is_v1 { undeclared() } else { sign_in::sign_in(it.sign_in) },
        people: it.people.map(sign_in::people),
        permissions: it.permissions.into_iter().map(permission::permission).collect(),
        capabilities: capabilities(it.capabilities)?,
    };
    check_consent(&descriptor, is_v1)?;
    Ok(descriptor)
}

/// Validates the parts that an operator agrees to, from a component or from `providers.lock`. With
/// interface 1 the sign-in is not known yet and not checked.
fn check_consent(it: &Descriptor, is_v1: bool) -> Checked<()> {
    permission::check_all(&it.permissions, &it.settings)?;
    it.capabilities.iter().try_for_each(|one| check_tenants(one, it))?;
    if is_v1 {
        return it.people.as_ref().map_or(Ok(()), sign_in::check_pointers);
    }
    sign_in::check(&it.sign_in, &it.settings, &it.permissions)?;
    it.people.as_ref().map_or(Ok(()), |people| sign_in::check_people(people, &it.sign_in))?;
    consistency::check(it, consistency::sample(&it.settings))
}

/// Validates a descriptor with the parts that an operator agreed to. With interface 1 the sign-in is
/// not checked here: the caller compares it with what the plug-in returns when it is loaded.
pub(crate) fn check_agreed(it: &Descriptor, is_v1: bool) -> Checked<()> {
    check_consent(it, is_v1)?;
    it.people
        .as_ref()
        .filter(|_| is_v1)
        .map_or(Ok(()), |people| sign_in::check_people(people, &it.sign_in))
}

/// The member of `extra` in which an SDK reports why it could not build the descriptor, since
/// `describe` cannot return an error. The rest of such a descriptor has placeholder values.
const SDK_ERROR: &str = "portico-fault";
const MAX_SDK_ERROR_LEN: usize = 600;

fn check_sdk_error(extra: &[(String, String)]) -> Checked<()> {
    match extra.iter().find(|(name, _)| name == SDK_ERROR) {
        Some((_, error)) => Err(broken(clean(error, MAX_SDK_ERROR_LEN))),
        None => Ok(()),
    }
}

/// A sign-in with an empty issuer, which no login can use.
pub(crate) fn undeclared() -> SignInTemplate {
    SignInTemplate::of_issuer("")
}

/// A capability of the kind `tenants` names a permission of the signed-in user, and the sign-in has a
/// token endpoint for each tenant: the refresh token is sent to the issuer that the operator agreed to.
fn check_tenants(it: &Capability, descriptor: &Descriptor) -> Checked<()> {
    if it.kind != Capability::TENANTS {
        return Ok(());
    }
    let named = descriptor.permissions.iter().find(|permission| permission.name == it.name);
    let is_persons = named.is_some_and(|it| it.principal == Principal::SignedInUser);
    ensure(is_persons, "a capability of the kind tenants names no grant of the signed-in user")?;
    let address = match &descriptor.sign_in.endpoints {
        EndpointTemplates::OpenId(issuer) => issuer,
        EndpointTemplates::Plain { token, .. } => token,
    };
    let names_tenant = placeholders(address).any(|key| key == TENANT);
    ensure(names_tenant, "a capability of the kind tenants needs {tenant} in the token endpoint")
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
    let is_version = text.len() <= 64 && Version::parse(&text).is_ok();
    ensure(is_version, "its version is not a semantic version of at most 64 characters")?;
    Ok(text)
}

fn icon(text: String) -> Checked<String> {
    ensure(text.len() <= MAX_ICON_LEN, "its icon has more than 32 KiB")?;
    Ok(text)
}

fn noun(text: String) -> Checked<String> {
    let noun = line(text, 32, "its account noun")?;
    let is_lower_case = noun.chars().all(|c| c.is_lowercase() || matches!(c, ' ' | '-'));
    ensure(is_lower_case, "its account noun is not in lower-case letters")?;
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
