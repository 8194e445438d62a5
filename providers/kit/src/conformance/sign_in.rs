//! Is the sign-in that it declares one that the host can carry out with the fixtures' settings?

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
    bench::{Bench, SignInOf},
    rule::{DescriptorRule, Rule, Seen},
};
use crate::host::{covering_permission, header_complaint};

pub(super) const DESCRIPTOR_RULES: &[DescriptorRule] = &[DescriptorRule {
    name: "templates-name-its-settings",
    sentence: "every {setting} in a template is one that it asks for and no secret, and makes an address",
    remedy: "write https addresses without a query, in which {key} is a setting of yours; {tenant} \
             stands in the addresses of the sign-in alone, as one whole segment of a path",
    complaint: |it| {
        let settings = &it.settings;
        let sign_in = &it.sign_in;
        if sign_in.endpoints.issuer().is_empty() {
            // Of interface 1, which declares no sign-in.
            return None;
        }
        let addresses = sign_in.endpoints.addresses().into_iter();
        let addresses = addresses.map(|(what, template)| (what, template, true));
        let records = sign_in.user_records.iter().map(|it| ("user record", &*it.url, false));
        let odd = addresses.chain(records).find_map(|(what, template, with_tenant)| {
            let why = check_address(template, settings, with_tenant).err()?;
            Some(format!("the {what} {template:?}: {why}"))
        });
        odd.or_else(|| texts(it, settings))
            .or_else(|| tenants(&sign_in.endpoints, sign_in.default_tenant.as_deref()))
    },
}];

fn texts(it: &Descriptor, settings: &[SettingSpec]) -> Option<String> {
    let of_grants = it
        .permissions
        .iter()
        .flat_map(|permission| permission.scopes.iter().chain(&permission.hosts));
    let of_sign_in = it.sign_in.scopes.iter().chain(&it.sign_in.default_tenant);
    of_sign_in.chain(of_grants).find_map(|template| {
        let why = check_placeholders(template, settings, false).err()?;
        Some(format!("{template:?}: {why}"))
    })
}

/// An endpoint of one tenant beside an issuer of all would let every tenant speak for all others.
fn tenants(endpoints: &EndpointTemplates, default: Option<&str>) -> Option<String> {
    let of_tenant = |template: &str| template.contains("{tenant}");
    let by_issuer = of_tenant(endpoints.issuer());
    if by_issuer != default.is_some() {
        return Some("an issuer with {tenant} and a default tenant belong together".into());
    }
    let odd = endpoints.addresses().into_iter().find(|(_, it)| of_tenant(it) && !by_issuer);
    odd.map(|(what, _)| format!("the {what} has {{tenant}}, and the issuer has not"))
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "signs-in-with-its-settings",
        sentence: "with the fixtures' settings every template of the sign-in makes an https address",
        remedy: "mend the template, or put settings that it takes into the fixtures; plain http is \
                 for loopback",
        needs_provider: true,
        look: |bench| Box::pin(async { with_sign_in(bench, |_, _| None) }),
    },
    Rule {
        name: "asks-for-sign-in-parameters-of-its-own",
        sentence: "it adds no parameter but those of the host's list, and asks for openid where it is \
                   OpenID",
        remedy: "leave client_id, redirect_uri, state, nonce, scope, response_type and PKCE to the \
                 host, and every parameter that is not on its list (domain/src/parameters.rs), each \
                 once; put openid among the scopes of an OpenID sign-in",
        needs_provider: true,
        look: |bench| Box::pin(async { with_sign_in(bench, parameters) }),
    },
    Rule {
        name: "can-tell-who-signed-in",
        sentence: "where people sign in there is an ID token or a user record, and a permission of \
                   theirs covers each user record",
        remedy: "name a user record whose address and headers are covered by a permission of the \
                 signed-in user with the method get",
        needs_provider: true,
        look: |bench| Box::pin(async { with_sign_in(bench, records) }),
    },
];

fn with_sign_in(
    bench: &Bench<'_>,
    complaint: impl Fn(&Bench<'_>, &SignIn) -> Option<String>,
) -> Seen {
    let configured = match &bench.sign_in {
        SignInOf::Declared(configured) => configured,
        SignInOf::Undeclared => return Seen::Nothing("its interface declares no sign-in".into()),
        SignInOf::Refused(problem) => return Seen::Bad(format!("there is no sign-in: {problem}")),
    };
    let other = TenantId::parse("another-tenant").ok().filter(|_| configured.issuer_names_tenant());
    for tenant in [None, other.as_ref()] {
        let complaint = match configured.at(tenant) {
            Ok(sign_in) => complaint(bench, &sign_in),
            Err(problem) => Some(format!("there is no sign-in: {problem}")),
        };
        if let Some(complaint) = complaint {
            return Seen::Bad(complaint);
        }
    }
    Seen::Good("the sign-in is sound".into())
}

fn parameters(bench: &Bench<'_>, sign_in: &SignIn) -> Option<String> {
    if let Some(why) = refused(&sign_in.parameters, &sign_in.scopes) {
        return Some(why);
    }
    let openid = matches!(bench.descriptor().sign_in.endpoints, EndpointTemplates::OpenId(_));
    let asked = sign_in.scopes.iter().any(|scope| scope == "openid");
    let people = bench.descriptor().people.is_some();
    (openid && people && !asked).then(|| "the scopes lack openid, so no ID token comes".into())
}

fn records(bench: &Bench<'_>, sign_in: &SignIn) -> Option<String> {
    let plain = matches!(bench.descriptor().sign_in.endpoints, EndpointTemplates::Plain { .. });
    if plain && bench.descriptor().people.is_some() && sign_in.user_records.is_empty() {
        return Some("people sign in, and there is neither an ID token nor a user record".into());
    }
    let mut records = sign_in.user_records.iter().enumerate();
    records.find_map(|(at, record)| {
        let is_claims = plain && at == 0;
        if is_claims != record.member.is_none() {
            return Some(
                "the first user record of a plain provider is the claims, and every other one is \
                 a member of them"
                    .into(),
            );
        }
        uncovered(bench, record)
    })
}

fn uncovered(bench: &Bench<'_>, record: &UserRecord) -> Option<String> {
    let UserRecord { url, permission, headers, .. } = record;
    let request = Request {
        id: 0,
        method: Method::Get,
        url: url.clone(),
        headers: headers.clone(),
        body: None,
        credential: Some(Credential { permission: permission.clone(), tenant: None }),
    };
    let covering = covering_permission(bench.descriptor(), &request);
    match covering.filter(|permission| permission.principal == Principal::SignedInUser) {
        Some(permission) => header_complaint(headers, Some(permission)),
        None => Some(format!("no permission {permission:?} of the signed-in user covers {url}")),
    }
}
