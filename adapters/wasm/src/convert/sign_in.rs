//! How people sign in and who they are, as a plug-in declares it.

use portico_domain::provider::{
    CallError, ClientAuthentication, EndpointTemplates, Permission, Principal, ScopeSeparator,
    SettingSpec, SignInTemplate, SubjectMapping, TokenEncoding, UserRecordTemplate,
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

/// The sign-in, held against the settings and the permissions of the same descriptor.
pub(super) fn sign_in(
    it: wire::SignIn,
    settings: &[SettingSpec],
    permissions: &[Permission],
) -> Checked<SignInTemplate> {
    at_most(&it.scopes, 32, "scopes")?;
    at_most(&it.parameters, 32, "parameters of the sign-in")?;
    at_most(&it.token_reply, 8, "members of the token reply")?;
    all_differ(&it.token_reply, "members of the token reply")?;
    at_most(&it.user_records, 4, "user records")?;
    let scope = |scope| {
        let scope = word(scope, 512, "a scope of the sign-in")?;
        check_placeholders(&scope, settings, false).map_err(broken)?;
        Ok::<_, CallError>(scope)
    };
    let default_tenant = it.default_tenant.map(|tenant| {
        let tenant = word(tenant, 128, "the default tenant")?;
        check_placeholders(&tenant, settings, false).map_err(broken)?;
        Ok::<_, CallError>(tenant)
    });
    let endpoints = endpoints(it.endpoints, settings)?;
    let default_tenant = default_tenant.transpose()?;
    tenants_fit(&endpoints, default_tenant.as_deref())?;
    all_differ(it.parameters.iter().map(|(name, _)| name), "parameters of the sign-in")?;
    let records = it.user_records.into_iter().map(|it| user_record(it, settings, permissions));
    Ok(SignInTemplate {
        user_records: placed(records.collect::<Checked<_>>()?, &endpoints)?,
        endpoints,
        default_tenant,
        scopes: it.scopes.into_iter().map(scope).collect::<Checked<_>>()?,
        scope_separator: match it.scope_separator {
            wire::ScopeSeparator::Space => ScopeSeparator::Space,
            wire::ScopeSeparator::Comma => ScopeSeparator::Comma,
        },
        parameters: it.parameters.into_iter().map(parameter).collect::<Checked<_>>()?,
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
        token_reply: it.token_reply.into_iter().map(told).collect::<Checked<_>>()?,
    })
}

fn endpoints(it: wire::Endpoints, settings: &[SettingSpec]) -> Checked<EndpointTemplates> {
    let address = |template, what| address(template, what, settings, true);
    Ok(match it {
        wire::Endpoints::Openid(issuer) => {
            EndpointTemplates::OpenId(address(issuer, "its issuer")?)
        }
        wire::Endpoints::Plain(it) => EndpointTemplates::Plain {
            issuer: address(it.issuer, "its issuer")?,
            authorization: address(it.authorization, "its authorization endpoint")?,
            token: address(it.token, "its token endpoint")?,
            end_session: it
                .end_session
                .map(|template| address(template, "its end-session endpoint"))
                .transpose()?,
        },
    })
}

fn address(
    template: String,
    what: &str,
    settings: &[SettingSpec],
    with_tenant: bool,
) -> Checked<String> {
    let template = word(template, MAX_ADDRESS_LEN, what)?;
    check_address(&template, settings, with_tenant)
        .map_err(|why| broken(format_args!("{what}: {why}")))?;
    Ok(template)
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

fn parameter((name, value): (String, String)) -> Checked<(String, String)> {
    let name = word(name, 64, "a parameter of the sign-in")?;
    Ok((name, text(value, 2048, "a parameter of the sign-in")?))
}

fn told(member: String) -> Checked<String> {
    let member = word(member, 64, "a member of the token reply")?;
    let plain = member.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase());
    let plain: String = plain.map(char::from).collect();
    let secret = NEVER_TOLD.iter().any(|part| plain.contains(part))
        && !OF_A_TOKEN.iter().any(|end| plain.ends_with(end));
    ensure(!secret, format_args!("it asks to be told {member}, which is a credential"))?;
    Ok(member)
}

fn user_record(
    it: wire::UserRecord,
    settings: &[SettingSpec],
    permissions: &[Permission],
) -> Checked<UserRecordTemplate> {
    let permission = line(it.permission, 64, "the permission of its user record")?;
    let of_person =
        |known: &Permission| known.name == permission && known.principal == Principal::SignedInUser;
    let known = permissions.iter().any(of_person);
    ensure(known, "its user record names no permission of the signed-in user")?;
    let member = it.member.map(|member| {
        let member = word(member, 64, "the member of a user record")?;
        let plain = member.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        ensure(plain, "the member of a user record is not of letters, digits, '-' and '_'")?;
        Ok::<_, CallError>(member)
    });
    Ok(UserRecordTemplate {
        member: member.transpose()?,
        url: address(it.url, "the address of its user record", settings, false)?,
        headers: headers(it.headers)?,
        permission,
    })
}

/// The first record of a plain provider is the claims; every other one is a member of them.
fn placed(
    records: Vec<UserRecordTemplate>,
    endpoints: &EndpointTemplates,
) -> Checked<Vec<UserRecordTemplate>> {
    let plain = matches!(endpoints, EndpointTemplates::Plain { .. });
    for (at, record) in records.iter().enumerate() {
        let is_claims = plain && at == 0;
        ensure(
            is_claims == record.member.is_none(),
            "the first user record of a plain provider is the claims, and every other one a member",
        )?;
    }
    all_differ(records.iter().map(|record| &record.member), "user records' members")?;
    Ok(records)
}

/// Where a person stands, held against how people sign in.
pub(super) fn people(it: wire::People, sign_in: &SignInTemplate) -> Checked<SubjectMapping> {
    at_most(&it.display_name, 8, "places of a display name")?;
    at_most(&it.username, 8, "places of a user name")?;
    let subject = pointer(it.subject, "the place of its people's subject")?;
    let tenant = it.tenant.map(|at| pointer(at, "the place of its people's tenant")).transpose()?;
    let places = |all: Vec<String>, what| {
        all.into_iter().map(|at| pointer(at, what)).collect::<Checked<Vec<_>>>()
    };
    let people = SubjectMapping {
        subject,
        tenant,
        display_name: places(it.display_name, "a place of a display name")?,
        username: places(it.username, "a place of a user name")?,
    };
    people_fit(&people, sign_in)?;
    Ok(people)
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
