//! The declared sign-in: whether the host can carry it out with the fixtures' settings.

use portico_domain::{
    identity::TenantId,
    parameters::refused,
    provider::{
        Credential, Descriptor, EndpointTemplates, Method, Principal, Request, SettingSpec, SignIn,
        UserRecord,
        template::{check_address, check_placeholders},
    },
};

use super::{
    context::{CheckContext, SignInDeclaration},
    rule::{DescriptorRule, Finding, Rule},
};
use crate::permission::{covering_permission, refused_header};

pub(super) const DESCRIPTOR_RULES: &[DescriptorRule] = &[DescriptorRule {
    name: "templates-name-its-settings",
    sentence: "every placeholder in a template is a declared setting that is not a secret, and every \
               template of an address makes one",
    remedy: "write https addresses without a query, in which {key} is one of your settings; {tenant} \
             may be used in the addresses of the sign-in alone, as one whole segment of a path",
    violation: invalid_template,
}];

fn invalid_template(it: &Descriptor) -> Option<String> {
    let sign_in = &it.sign_in;
    if sign_in.endpoints.issuer().is_empty() {
        // Interface 1.0.0 declares no sign-in.
        return None;
    }
    let addresses = sign_in.endpoints.addresses().into_iter();
    let addresses = addresses.map(|(what, template)| (what, template, true));
    let records = sign_in.user_records.iter().map(|it| ("user record", &*it.url, false));
    let invalid = addresses.chain(records).find_map(|(what, template, with_tenant)| {
        let why = check_address(template, &it.settings, with_tenant).err()?;
        Some(format!("the {what} {template:?}: {why}"))
    });
    invalid
        .or_else(|| invalid_text(it, &it.settings))
        .or_else(|| misplaced_tenant(&sign_in.endpoints, sign_in.default_tenant.as_deref()))
}

fn invalid_text(it: &Descriptor, settings: &[SettingSpec]) -> Option<String> {
    let permissions = it
        .permissions
        .iter()
        .flat_map(|permission| permission.scopes.iter().chain(&permission.hosts));
    let sign_in = it.sign_in.scopes.iter().chain(&it.sign_in.default_tenant);
    sign_in.chain(permissions).find_map(|template| {
        let why = check_placeholders(template, settings, false).err()?;
        Some(format!("{template:?}: {why}"))
    })
}

/// With an issuer for all tenants, an endpoint for one of them could speak for every other.
fn misplaced_tenant(endpoints: &EndpointTemplates, default: Option<&str>) -> Option<String> {
    let has_tenant = |template: &str| template.contains("{tenant}");
    let issuer_has_tenant = has_tenant(endpoints.issuer());
    if issuer_has_tenant != default.is_some() {
        return Some("an issuer with {tenant} needs a default tenant, and the reverse".into());
    }
    let addresses = endpoints.addresses().into_iter();
    let misplaced =
        addresses.into_iter().find(|(_, address)| has_tenant(address) && !issuer_has_tenant);
    misplaced.map(|(what, _)| format!("the {what} has {{tenant}}, and the issuer has not"))
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "signs-in-with-its-settings",
        sentence: "with the fixtures' settings every template of the sign-in makes an https address",
        remedy: "correct the template, or put settings that fit it into the fixtures; plain http is \
                 for loopback only",
        needs_provider: true,
        run: |context| Box::pin(async { for_each_tenant(context, |_, _| None) }),
    },
    Rule {
        name: "asks-for-sign-in-parameters-of-its-own",
        sentence: "it adds only parameters of the host's allow-list, and an OpenID sign-in has the \
                   scope openid",
        remedy: "leave client_id, redirect_uri, state, nonce, scope, response_type and PKCE to the \
                 host; add only parameters of its allow-list (domain/src/parameters.rs), each once; \
                 put openid among the scopes of an OpenID sign-in",
        needs_provider: true,
        run: |context| Box::pin(async { for_each_tenant(context, refused_parameter) }),
    },
    Rule {
        name: "can-tell-who-signed-in",
        sentence: "a sign-in has an ID token or a user record, and a permission of the signed-in user \
                   covers each user record",
        remedy: "name a user record whose address and headers are covered by a permission of the \
                 signed-in user with the method get",
        needs_provider: true,
        run: |context| Box::pin(async { for_each_tenant(context, invalid_user_record) }),
    },
];

/// The first violation of the sign-in to the default tenant and, if the issuer names tenants, to
/// another.
fn for_each_tenant(
    context: &CheckContext<'_>,
    violation: impl Fn(&CheckContext<'_>, &SignIn) -> Option<String>,
) -> Finding {
    let configured = match &context.sign_in {
        SignInDeclaration::Declared(configured) => configured,
        SignInDeclaration::Undeclared => {
            return Finding::Skipped("its interface declares no sign-in".into());
        }
        SignInDeclaration::Refused(error) => {
            return Finding::Failed(format!("there is no sign-in: {error}"));
        }
    };
    let other = TenantId::parse("another-tenant").ok().filter(|_| configured.issuer_names_tenant());
    for tenant in [None, other.as_ref()] {
        let violation = match configured.at(tenant) {
            Ok(sign_in) => violation(context, &sign_in),
            Err(error) => Some(format!("there is no sign-in: {error}")),
        };
        if let Some(violation) = violation {
            return Finding::Failed(violation);
        }
    }
    Finding::Passed("the sign-in conforms".into())
}

fn refused_parameter(context: &CheckContext<'_>, sign_in: &SignIn) -> Option<String> {
    if let Some(why) = refused(&sign_in.parameters, &sign_in.scopes) {
        return Some(why);
    }
    let openid = matches!(context.descriptor().sign_in.endpoints, EndpointTemplates::OpenId(_));
    let has_scope = sign_in.scopes.iter().any(|scope| scope == "openid");
    let people = context.descriptor().people.is_some();
    (openid && people && !has_scope).then(|| "without the scope openid there is no ID token".into())
}

fn invalid_user_record(context: &CheckContext<'_>, sign_in: &SignIn) -> Option<String> {
    let plain = matches!(context.descriptor().sign_in.endpoints, EndpointTemplates::Plain { .. });
    if plain && context.descriptor().people.is_some() && sign_in.user_records.is_empty() {
        return Some("people sign in, and there is neither an ID token nor a user record".into());
    }
    let mut records = sign_in.user_records.iter().enumerate();
    records.find_map(|(index, record)| {
        let is_claims = plain && index == 0;
        if is_claims != record.member.is_none() {
            return Some(
                "the first user record of a plain provider is the claims, and every other one is \
                 a member of them"
                    .into(),
            );
        }
        uncovered(context, record)
    })
}

fn uncovered(context: &CheckContext<'_>, record: &UserRecord) -> Option<String> {
    let UserRecord { url, permission, headers, .. } = record;
    let request = Request {
        id: 0,
        method: Method::Get,
        url: url.clone(),
        headers: headers.clone(),
        body: None,
        credential: Some(Credential { permission: permission.clone(), tenant: None }),
    };
    let covering = covering_permission(context.descriptor(), &request);
    match covering.filter(|permission| permission.principal == Principal::SignedInUser) {
        Some(permission) => refused_header(headers, Some(permission)),
        None => Some(format!("no permission {permission:?} of the signed-in user covers {url}")),
    }
}
