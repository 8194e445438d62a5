//! How people sign in and who they are, as a plug-in declares it.

use portico_domain::provider::{
    ClientAuthentication, EndpointTemplates, Permission, Principal, ScopeSeparator, SettingSpec,
    SignInTemplate, SubjectMapping, TokenEncoding, UserRecordTemplate,
    template::{TENANT, check_address, check_placeholders, placeholders},
};

use super::rules::{
    Checked, all_differ, at_most, broken, ensure, headers, line, pointer, text, word,
};
use crate::bindings::wire;

const MAX_ADDRESS_LEN: usize = 2 << 10;

/// Parts of the names of a token reply's members that are credentials, in whatever spelling.
const NEVER_TOLD: [&str; 6] = ["token", "secret", "password", "assertion", "apikey", "privatekey"];
/// What a member says of a token that is none itself: `token_type`, `refresh_token_expires_in`.
const OF_A_TOKEN: [&str; 4] = ["tokentype", "expiresin", "expiresat", "expires"];

/// The domain's words for it; no rule is checked.
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

/// The rules of a sign-in, held against the settings and the permissions of the same descriptor.
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
    tenants_fit(&it.endpoints, it.default_tenant.as_deref())?;
    it.scopes.iter().try_for_each(|it| check_text(it, 512, "a scope of the sign-in", settings))?;
    all_differ(it.parameters.iter().map(|(name, _)| name), "parameters of the sign-in")?;
    for (name, value) in &it.parameters {
        word(name, 64, "a parameter of the sign-in")?;
        text(value, 2048, "a parameter of the sign-in")?;
    }
    it.user_records.iter().try_for_each(|it| check_record(it, settings, permissions))?;
    check_places(&it.user_records, &it.endpoints)?;
    it.token_reply.iter().try_for_each(|member| check_told(member))
}

/// A word that may name settings.
fn check_text(it: &str, longest: usize, what: &str, settings: &[SettingSpec]) -> Checked<()> {
    word(it, longest, what)?;
    check_placeholders(it, settings, false).map_err(broken)
}

fn check_template(
    template: &str,
    what: &str,
    settings: &[SettingSpec],
    with_tenant: bool,
) -> Checked<()> {
    word(template, MAX_ADDRESS_LEN, what)?;
    check_address(template, settings, with_tenant)
        .map_err(|why| broken(format_args!("{what}: {why}")))
}

/// An endpoint of one tenant's beside an issuer of all would let every tenant speak for all others.
pub(crate) fn tenants_fit(endpoints: &EndpointTemplates, default: Option<&str>) -> Checked<()> {
    let of_tenant = |template: &str| placeholders(template).any(|key| key == TENANT);
    let by_issuer = of_tenant(endpoints.issuer());
    let fits = by_issuer || !endpoints.addresses().iter().any(|(_, template)| of_tenant(template));
    ensure(fits, "an endpoint of its sign-in has {tenant}, and its issuer has not")?;
    ensure(
        by_issuer == default.is_some(),
        "an issuer with {tenant} and a default tenant belong together",
    )
}

fn check_told(member: &str) -> Checked<()> {
    word(member, 64, "a member of the token reply")?;
    let plain = member.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase());
    let plain: String = plain.map(char::from).collect();
    let secret = NEVER_TOLD.iter().any(|part| plain.contains(part))
        && !OF_A_TOKEN.iter().any(|end| plain.ends_with(end));
    ensure(!secret, format_args!("it asks to be told {member}, which is a credential"))
}

fn check_record(
    it: &UserRecordTemplate,
    settings: &[SettingSpec],
    permissions: &[Permission],
) -> Checked<()> {
    line(&it.permission, 64, "the permission of its user record")?;
    let of_person = |known: &Permission| {
        known.name == it.permission && known.principal == Principal::SignedInUser
    };
    let known = permissions.iter().any(of_person);
    ensure(known, "its user record names no permission of the signed-in user")?;
    if let Some(member) = &it.member {
        word(member, 64, "the member of a user record")?;
        let plain = member.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        ensure(plain, "the member of a user record is not of letters, digits, '-' and '_'")?;
    }
    check_template(&it.url, "the address of its user record", settings, false)?;
    headers(&it.headers)?;
    Ok(())
}

/// The first record of a plain provider is the claims; every other one is a member of them.
fn check_places(records: &[UserRecordTemplate], endpoints: &EndpointTemplates) -> Checked<()> {
    let plain = matches!(endpoints, EndpointTemplates::Plain { .. });
    for (at, record) in records.iter().enumerate() {
        let is_claims = plain && at == 0;
        ensure(
            is_claims == record.member.is_none(),
            "the first user record of a plain provider is the claims, and every other one a member",
        )?;
    }
    all_differ(records.iter().map(|record| &record.member), "user records' members")
}

/// The domain's words for it; no rule is checked.
pub(super) fn people(it: wire::People) -> SubjectMapping {
    SubjectMapping {
        subject: it.subject,
        tenant: it.tenant,
        display_name: it.display_name,
        username: it.username,
    }
}

/// The rules of where a person stands, held against how people sign in.
pub(crate) fn check_people(it: &SubjectMapping, sign_in: &SignInTemplate) -> Checked<()> {
    check_pointers(it)?;
    people_fit(it, sign_in)
}

/// The rules of where a person stands by itself.
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
        places.iter().try_for_each(|at| pointer(at, what).map(|_| ()))?;
    }
    Ok(())
}

/// Who says who somebody is, and of which tenant.
pub(crate) fn people_fit(people: &SubjectMapping, sign_in: &SignInTemplate) -> Checked<()> {
    let SubjectMapping { subject, tenant, .. } = people;
    if matches!(sign_in.endpoints, EndpointTemplates::OpenId(_)) {
        // The ID token alone says who somebody is.
        let in_record = |at: &str| {
            let member = at[1..].split('/').next().unwrap_or_default();
            sign_in.user_records.iter().any(|record| record.member.as_deref() == Some(member))
        };
        let signed = !in_record(subject) && !tenant.as_deref().is_some_and(in_record);
        ensure(
            signed,
            "its people's subject or tenant stands in a user record beside an ID token",
        )?;
    } else {
        let known = !sign_in.user_records.is_empty();
        ensure(known, "people sign in, and there is neither an ID token nor a user record")?;
    }
    let of_tenants = placeholders(sign_in.endpoints.issuer()).any(|key| key == TENANT);
    let top_level = tenant.as_deref().is_none_or(|at| !at[1..].contains(['/', '~']));
    // Everybody would be of one tenant, whichever issuer spoke for them.
    let says_tenant = !of_tenants || tenant.is_some();
    ensure(says_tenant, "its issuer has {tenant}, and it says of nobody which tenant theirs is")?;
    ensure(!of_tenants || top_level, "the tenant of an issuer with {tenant} is no claim of its own")
}
