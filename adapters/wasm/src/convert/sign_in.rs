//! The sign-in and the subject mapping that a plug-in declares.

use portico_domain::provider::{
    ClientAuthentication, EndpointTemplates, Permission, Principal, ScopeSeparator, SettingSpec,
    SignInTemplate, SubjectMapping, TokenEncoding, UserRecordTemplate,
    template::{TENANT, check_address, check_placeholders, placeholders},
};

use super::rules::{
    Checked, all_differ, at_most, broken, ensure, headers, line, pointer, text, visible_ascii,
};
use crate::bindings::wire;

const MAX_ADDRESS_LEN: usize = 2 << 10;

/// Parts of names of token response members that are credentials; compared in lower case and without
/// separators.
const CREDENTIAL_PARTS: [&str; 6] =
    ["token", "secret", "password", "assertion", "apikey", "privatekey"];
/// Ends of names of members that describe a token: `token_type`, `refresh_token_expires_in`.
const TOKEN_PROPERTIES: [&str; 4] = ["tokentype", "expiresin", "expiresat", "expires"];

/// Converts without validation.
pub(super) fn sign_in(it: wire::SignIn) -> SignInTemplate {
    let user_record = |it: wire::UserRecord| UserRecordTemplate {
        member: it.member,
        url: it.url,
        headers: it.headers,
        permission: it.permission,
    };
    SignInTemplate {
        endpoints: match it.endpoints {
            wire::Endpoints::Openid(issuer) => EndpointTemplates::OpenId(issuer),
            wire::Endpoints::Plain(it) => EndpointTemplates::Plain {
                issuer: it.issuer,
                authorization: it.authorization,
                token: it.token,
                end_session: it.end_session,
            },
        },
        default_tenant: it.default_tenant,
        scopes: it.scopes,
        scope_separator: match it.scope_separator {
            wire::ScopeSeparator::Space => ScopeSeparator::Space,
            wire::ScopeSeparator::Comma => ScopeSeparator::Comma,
        },
        parameters: it.parameters,
        token_encoding: match it.token_encoding {
            wire::TokenEncoding::Form => TokenEncoding::Form,
            wire::TokenEncoding::JsonCamelCase => TokenEncoding::JsonCamelCase,
            wire::TokenEncoding::JsonSnakeCase => TokenEncoding::JsonSnakeCase,
        },
        client_authentication: match it.client_auth {
            wire::ClientAuth::Basic => ClientAuthentication::Basic,
            wire::ClientAuth::Post => ClientAuthentication::Post,
            wire::ClientAuth::None => ClientAuthentication::None,
        },
        token_reply: it.token_reply,
        user_records: it.user_records.into_iter().map(user_record).collect(),
    }
}

/// Validates a sign-in with the settings and permissions of the same descriptor.
pub(crate) fn check(
    it: &SignInTemplate,
    settings: &[SettingSpec],
    permissions: &[Permission],
) -> Checked<()> {
    at_most(&it.scopes, 32, "scopes")?;
    at_most(&it.parameters, 32, "parameters of the sign-in")?;
    at_most(&it.token_reply, 8, "members of the token reply")?;
    all_differ(&it.token_reply, "members of the token reply")?;
    at_most(&it.user_records, 4, "user records")?;
    for (what, template) in it.endpoints.addresses() {
        check_template(template, &format!("its {what}"), settings, true)?;
    }
    if let Some(tenant) = &it.default_tenant {
        check_text(tenant, 128, "the default tenant", settings)?;
    }
    check_tenant_placeholders(&it.endpoints, it.default_tenant.as_deref())?;
    it.scopes.iter().try_for_each(|it| check_text(it, 512, "a scope of the sign-in", settings))?;
    all_differ(it.parameters.iter().map(|(name, _)| name), "parameters of the sign-in")?;
    for (name, value) in &it.parameters {
        visible_ascii(name, 64, "a parameter of the sign-in")?;
        text(value, 2048, "a parameter of the sign-in")?;
    }
    it.user_records.iter().try_for_each(|it| check_record(it, settings, permissions))?;
    check_members(&it.user_records, &it.endpoints)?;
    it.token_reply.iter().try_for_each(|member| check_reply_member(member))
}

/// A text with placeholders of settings.
fn check_text(it: &str, max_len: usize, what: &str, settings: &[SettingSpec]) -> Checked<()> {
    visible_ascii(it, max_len, what)?;
    check_placeholders(it, settings, false).map_err(broken)
}

fn check_template(
    template: &str,
    what: &str,
    settings: &[SettingSpec],
    with_tenant: bool,
) -> Checked<()> {
    visible_ascii(template, MAX_ADDRESS_LEN, what)?;
    check_address(template, settings, with_tenant)
        .map_err(|why| broken(format_args!("{what}: {why}")))
}

/// An endpoint may name the tenant only if the issuer does: otherwise each tenant could sign people of
/// all other tenants in.
pub(crate) fn check_tenant_placeholders(
    endpoints: &EndpointTemplates,
    default_tenant: Option<&str>,
) -> Checked<()> {
    let has_tenant = |template: &str| placeholders(template).any(|key| key == TENANT);
    let in_issuer = has_tenant(endpoints.issuer());
    let in_endpoint = endpoints.addresses().iter().any(|(_, template)| has_tenant(template));
    ensure(
        in_issuer || !in_endpoint,
        "an endpoint of its sign-in has {tenant}, and its issuer has not",
    )?;
    ensure(
        in_issuer == default_tenant.is_some(),
        "an issuer with {tenant} and a default tenant belong together",
    )
}

fn check_reply_member(member: &str) -> Checked<()> {
    visible_ascii(member, 64, "a member of the token reply")?;
    let letters = member.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase());
    let letters: String = letters.map(char::from).collect();
    let is_credential = CREDENTIAL_PARTS.iter().any(|part| letters.contains(part))
        && !TOKEN_PROPERTIES.iter().any(|end| letters.ends_with(end));
    ensure(!is_credential, format_args!("it asks to be told {member}, which is a credential"))
}

fn check_record(
    it: &UserRecordTemplate,
    settings: &[SettingSpec],
    permissions: &[Permission],
) -> Checked<()> {
    line(&it.permission, 64, "the permission of its user record")?;
    let is_named = permissions.iter().any(|permission| {
        permission.name == it.permission && permission.principal == Principal::SignedInUser
    });
    ensure(is_named, "its user record names no permission of the signed-in user")?;
    if let Some(member) = &it.member {
        visible_ascii(member, 64, "the member of a user record")?;
        let is_name = member.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        ensure(is_name, "the member of a user record is not of letters, digits, '-' and '_'")?;
    }
    check_template(&it.url, "the address of its user record", settings, false)?;
    headers(&it.headers)?;
    Ok(())
}

/// The first user record of a plain provider is the claims; every other record is a member of them.
fn check_members(records: &[UserRecordTemplate], endpoints: &EndpointTemplates) -> Checked<()> {
    let is_plain = matches!(endpoints, EndpointTemplates::Plain { .. });
    for (index, record) in records.iter().enumerate() {
        let is_claims = is_plain && index == 0;
        ensure(
            is_claims == record.member.is_none(),
            "the first user record of a plain provider is the claims, and every other one a member",
        )?;
    }
    all_differ(records.iter().map(|record| &record.member), "user records' members")
}

/// Converts without validation.
pub(super) fn people(it: wire::People) -> SubjectMapping {
    SubjectMapping {
        subject: it.subject,
        tenant: it.tenant,
        display_name: it.display_name,
        username: it.username,
    }
}

/// Validates a subject mapping with the sign-in of the same descriptor.
pub(crate) fn check_people(it: &SubjectMapping, sign_in: &SignInTemplate) -> Checked<()> {
    check_pointers(it)?;
    check_sources(it, sign_in)
}

/// Validates a subject mapping on its own.
pub(super) fn check_pointers(it: &SubjectMapping) -> Checked<()> {
    at_most(&it.display_name, 8, "places of a display name")?;
    at_most(&it.username, 8, "places of a user name")?;
    pointer(&it.subject, "the place of its people's subject")?;
    if let Some(tenant) = &it.tenant {
        pointer(tenant, "the place of its people's tenant")?;
    }
    for (places, what) in
        [(&it.display_name, "a place of a display name"), (&it.username, "a place of a user name")]
    {
        places.iter().try_for_each(|place| pointer(place, what).map(|_| ()))?;
    }
    Ok(())
}

/// Subject and tenant must come from the ID token, or from the first user record of a plain provider.
pub(crate) fn check_sources(people: &SubjectMapping, sign_in: &SignInTemplate) -> Checked<()> {
    let SubjectMapping { subject, tenant, .. } = people;
    if matches!(sign_in.endpoints, EndpointTemplates::OpenId(_)) {
        // Only the ID token is signed by the issuer.
        let in_record = |pointer: &str| {
            let member = pointer[1..].split('/').next().unwrap_or_default();
            sign_in.user_records.iter().any(|record| record.member.as_deref() == Some(member))
        };
        let in_id_token = !in_record(subject) && !tenant.as_deref().is_some_and(in_record);
        ensure(
            in_id_token,
            "its people's subject or tenant stands in a user record beside an ID token",
        )?;
    } else {
        let has_claims = !sign_in.user_records.is_empty();
        ensure(has_claims, "people sign in, and there is neither an ID token nor a user record")?;
    }
    let has_tenants = placeholders(sign_in.endpoints.issuer()).any(|key| key == TENANT);
    let is_top_level = tenant.as_deref().is_none_or(|pointer| !pointer[1..].contains(['/', '~']));
    // Otherwise people of all tenants would have the same tenant, whichever issuer signed.
    ensure(
        !has_tenants || tenant.is_some(),
        "its issuer has {tenant}, and it says of nobody which tenant theirs is",
    )?;
    ensure(
        !has_tenants || is_top_level,
        "the tenant of an issuer with {tenant} is no claim of its own",
    )
}
