//! Makes a declaration of the sign-in of an interface 1 plug-in, from what `sign-in` returns with the
//! operator's settings for no tenant and for two probe tenants. Logins use the declaration; none of them
//! calls `sign-in`.

use portico_domain::provider::{
    CallError, ClientAuthentication, EndpointTemplates, ScopeSeparator, SignInTemplate,
    SubjectMapping, TokenEncoding, UserRecordTemplate, template::check_address,
};

use super::v1;
use crate::convert::{
    rules::{
        Checked, at_most, broken, ensure, headers, line, text, trusted_address, visible_ascii,
    },
    sign_in::{check_sources, check_tenant_placeholders},
};

/// Tenants that do not exist, in the form that most clouds use (UUID).
pub(crate) const PROBE_TENANTS: [&str; 2] =
    ["a6b1c0de-1111-4a11-8a11-c0ffee000001", "b7c2d1ef-2222-4b22-9b22-c0ffee000002"];

/// The declaration of the sign-in without a tenant (`default`) and with each of [`PROBE_TENANTS`], if
/// the plug-in accepts tenants; `people` is its subject mapping.
pub(crate) fn declaration(
    default: v1::SignIn,
    probed: Option<[v1::SignIn; 2]>,
    people: Option<&SubjectMapping>,
) -> Checked<SignInTemplate> {
    let all = [&default].into_iter().chain(probed.iter().flatten());
    let claims: Vec<_> = all.filter_map(|sign_in| sign_in.tenant_claim.clone()).collect();
    let declared = template(default, probed)?;
    check(&declared)?;
    let Some(people) = people else { return Ok(declared) };
    check_sources(people, &declared)?;
    let pointer = people.tenant.as_deref().unwrap_or_default();
    let is_same = claims.iter().all(|claim| pointer.strip_prefix('/') == Some(claim));
    ensure(is_same, "the claim of its sign-in is not where it says that a person's tenant stands")?;
    Ok(declared)
}

/// The rules of a declared sign-in. A URL of interface 1 contains no placeholder of a setting.
fn check(it: &SignInTemplate) -> Checked<()> {
    check_tenant_placeholders(&it.endpoints, it.default_tenant.as_deref())?;
    let endpoints = it.endpoints.addresses().into_iter().map(|(what, url)| (what, url, true));
    let records = it.user_records.iter().map(|record| ("user record", record.url.as_str(), false));
    for (what, template, with_tenant) in endpoints.chain(records) {
        check_address(template, &[], with_tenant)
            .map_err(|why| broken(format_args!("its {what}: {why}")))?;
    }
    Ok(())
}

fn template(default: v1::SignIn, probed: Option<[v1::SignIn; 2]>) -> Checked<SignInTemplate> {
    let many_tenants = default.tenant_claim.is_some();
    let default = read(default)?;
    let probed = probed.map(|[one, other]| {
        let one = read(one).map(|it| with_placeholder(it, PROBE_TENANTS[0]));
        let other = read(other).map(|it| with_placeholder(it, PROBE_TENANTS[1]));
        (one, other)
    });
    let template = match probed {
        Some((Ok(one), Ok(other))) if one == other && one != default => one,
        Some((Ok(one), Ok(other))) if one == other => {
            return without_tenants(default, many_tenants);
        }
        Some(_) => {
            return Err(broken(
                "how people sign in depends on the tenant in more than its place in an address",
            ));
        }
        None => return without_tenants(default, many_tenants),
    };
    let default_tenant = tenant_segment(template.endpoints.issuer(), default.endpoints.issuer());
    let default_tenant = default_tenant
        .ok_or_else(|| broken("its issuer has another form where no tenant is named"))?;
    let is_same = with_placeholder(default, &default_tenant) == template;
    ensure(is_same, "how people sign in differs where no tenant is named")?;
    Ok(SignInTemplate { default_tenant: Some(default_tenant), ..template })
}

fn without_tenants(sign_in: SignInTemplate, many_tenants: bool) -> Checked<SignInTemplate> {
    let rule = "it names a claim of tenants, and its issuer is the same for all of them";
    ensure(!many_tenants, rule)?;
    Ok(sign_in)
}

/// The path segment of `issuer` at the place of `{tenant}` in `template`.
fn tenant_segment(template: &str, issuer: &str) -> Option<String> {
    let (before, after) = template.split_once("{tenant}")?;
    let segment = issuer.strip_prefix(before)?.strip_suffix(after)?;
    (!segment.is_empty() && !segment.contains('/')).then(|| segment.to_owned())
}

/// Replaces the path segment `tenant` by `{tenant}` in every URL.
fn with_placeholder(mut sign_in: SignInTemplate, tenant: &str) -> SignInTemplate {
    let replace = |address: &mut String| {
        let segments: Vec<_> = address
            .split('/')
            .map(|segment| if segment == tenant { "{tenant}" } else { segment })
            .collect();
        *address = segments.join("/");
    };
    match &mut sign_in.endpoints {
        EndpointTemplates::OpenId(issuer) => replace(issuer),
        EndpointTemplates::Plain { issuer, authorization, token, end_session } => {
            [issuer, authorization, token].into_iter().for_each(replace);
            end_session.iter_mut().for_each(replace);
        }
    }
    sign_in
}

/// Validates and converts a sign-in; its URLs must not contain placeholders.
fn read(it: v1::SignIn) -> Checked<SignInTemplate> {
    at_most(&it.scopes, 32, "scopes")?;
    at_most(&it.parameters, 32, "parameters of the sign-in")?;
    let scope = |scope: String| {
        let scope = visible_ascii(scope, 512, "a scope of the sign-in")?;
        ensure(!scope.contains(['{', '}']), "a scope of the sign-in has a brace")?;
        Ok::<_, CallError>(scope)
    };
    let (endpoints, user_records) = read_endpoints(it.endpoints)?;
    let parameter = |(name, value): (String, String)| {
        let name = visible_ascii(name, 64, "a parameter of the sign-in")?;
        Ok::<_, CallError>((name, text(value, 2048, "a parameter of the sign-in")?))
    };
    Ok(SignInTemplate {
        endpoints,
        default_tenant: None,
        scopes: it.scopes.into_iter().map(scope).collect::<Checked<_>>()?,
        scope_separator: ScopeSeparator::Space,
        parameters: it.parameters.into_iter().map(parameter).collect::<Checked<_>>()?,
        token_encoding: match it.token_encoding {
            v1::TokenEncoding::Form => TokenEncoding::Form,
            v1::TokenEncoding::JsonCamelCase => TokenEncoding::JsonCamelCase,
        },
        client_authentication: match it.client_auth {
            v1::ClientAuth::Basic => ClientAuthentication::Basic,
            v1::ClientAuth::Post => ClientAuthentication::Post,
            v1::ClientAuth::None => ClientAuthentication::None,
        },
        token_reply: vec![],
        user_records,
    })
}

/// The endpoints, and the user record of plain ones.
fn read_endpoints(it: v1::Endpoints) -> Checked<(EndpointTemplates, Vec<UserRecordTemplate>)> {
    let plain = match it {
        v1::Endpoints::Openid(issuer) => {
            let issuer = literal_url(&issuer, "its issuer")?;
            return Ok((EndpointTemplates::OpenId(issuer), vec![]));
        }
        v1::Endpoints::Plain(plain) => plain,
    };
    let user_record = |record: v1::UserRecord| {
        Ok::<_, CallError>(UserRecordTemplate {
            member: None,
            url: literal_url(&record.url, "the address of its user record")?,
            headers: headers(record.headers)?,
            permission: line(record.grant, 64, "the grant of its user record")?,
        })
    };
    let user_record = plain.user_record.map(user_record).transpose()?;
    let end_session = plain.end_session.as_deref();
    let end_session = end_session.map(|url| literal_url(url, "its end-session endpoint"));
    let endpoints = EndpointTemplates::Plain {
        issuer: literal_url(&plain.issuer, "its issuer")?,
        authorization: literal_url(&plain.authorization, "its authorization endpoint")?,
        token: literal_url(&plain.token, "its token endpoint")?,
        end_session: end_session.transpose()?,
    };
    Ok((endpoints, user_record.into_iter().collect()))
}

/// A trusted URL without a query.
fn literal_url(url: &str, what: &str) -> Checked<String> {
    let url = trusted_address(url, what)?;
    ensure(url.query().is_none(), format_args!("{what} has a query"))?;
    Ok(url.into())
}
