//! What a guest of interface 1 says of signing in that no declaration can be made of.

use portico_domain::provider::{SignInTemplate, SubjectMapping};

use crate::{
    bindings::v1::exports::portico::provider::provider as v1,
    convert::rules::Checked,
    testing::V1Guest,
    upgrade::sign_in::{PROBES, declared},
};

const COMMON: &str = "https://login.example/common/v2.0";

fn issuer(tenant: Option<&str>) -> String {
    COMMON.replace("common", tenant.unwrap_or("common"))
}

fn openid(tenant: Option<&str>) -> v1::SignIn {
    v1::SignIn { tenant_claim: Some("tid".into()), ..V1Guest::openid(&issuer(tenant)) }
}

fn people(tenant: Option<&str>) -> SubjectMapping {
    SubjectMapping {
        subject: "/oid".into(),
        tenant: tenant.map(Into::into),
        display_name: vec![],
        username: vec![],
    }
}

/// The declaration of what is said for no tenant and for both probes, of people with a `/tid`.
fn of(said: impl Fn(Option<&str>) -> v1::SignIn) -> Checked<SignInTemplate> {
    let probed = PROBES.map(|tenant| said(Some(tenant)));
    declared(said(None), Some(probed), Some(&people(Some("/tid"))))
}

fn refused(said: impl Fn(Option<&str>) -> v1::SignIn) -> String {
    of(said).unwrap_err().to_string()
}

/// What is said in place of the honest answer where this tenant is asked for.
fn but_for<'a>(
    odd: Option<&'a str>,
    change: impl Fn(&mut v1::SignIn) + 'a,
) -> impl Fn(Option<&str>) -> v1::SignIn + 'a {
    move |tenant| {
        let mut said = openid(tenant);
        if tenant == odd {
            change(&mut said);
        }
        said
    }
}

#[test]
fn a_tenant_that_is_a_segment_of_the_issuer_is_a_placeholder() {
    let declared = of(openid).unwrap();
    assert_eq!(declared.endpoints.issuer(), "https://login.example/{tenant}/v2.0");
}

#[test]
fn one_answer_for_all_tenants_is_declared_without_a_tenant() {
    let said = V1Guest::openid("https://accounts.example");
    let declared = declared(said.clone(), Some([said.clone(), said]), Some(&people(None)));
    let declared = declared.unwrap();
    assert_eq!(declared.endpoints.issuer(), "https://accounts.example/");
    assert_eq!(declared.default_tenant, None);
}

#[test]
fn another_scope_parameter_or_client_authentication_for_one_tenant_is_refused() {
    type Change = fn(&mut v1::SignIn);
    let changes: [Change; 5] = [
        |said| said.scopes.push("admin".into()),
        |said| said.parameters.push(("resource".into(), "x".into())),
        |said| said.client_auth = v1::ClientAuth::None,
        |said| said.token_encoding = v1::TokenEncoding::JsonCamelCase,
        |said| said.endpoints = v1::Endpoints::Openid("https://evil.example/x/v2.0".into()),
    ];
    for change in changes {
        for odd in [None, Some(PROBES[0]), Some(PROBES[1])] {
            let why = refused(but_for(odd, change));
            assert!(why.contains("tenant"), "{odd:?}: {why}");
        }
    }
}

#[test]
fn another_token_endpoint_for_one_tenant_is_refused() {
    let said = |tenant: Option<&str>| {
        let mut said = V1Guest::plain();
        if let (Some("b7c2d1ef-2222-4b22-9b22-c0ffee000002"), v1::Endpoints::Plain(plain)) =
            (tenant, &mut said.endpoints)
        {
            plain.token = "https://evil.example/token".into();
        }
        said
    };
    assert!(refused(said).contains("depends on the tenant"));
}

#[test]
fn a_tenant_that_is_the_host_or_a_part_of_a_segment_is_refused() {
    for form in [
        "https://common.example/v2.0",
        "https://common/v2.0",
        "https://login.example/x-common/v2.0",
        "https://login.example/common/common",
    ] {
        let said = |tenant: Option<&str>| {
            let issuer = form.replace("common", tenant.unwrap_or("common"));
            v1::SignIn { tenant_claim: Some("tid".into()), ..V1Guest::openid(&issuer) }
        };
        refused(said);
    }
}

#[test]
fn a_tenant_in_an_endpoint_and_not_in_the_issuer_is_refused() {
    refused(|tenant| {
        let mut said = V1Guest::plain();
        if let v1::Endpoints::Plain(plain) = &mut said.endpoints {
            plain.token = format!("https://login.example/{}/token", tenant.unwrap_or("common"));
        }
        said
    });
}

#[test]
fn a_claim_of_tenants_needs_a_tenant_in_the_issuer() {
    let said = |_: Option<&str>| openid(None);
    assert!(refused(said).contains("the same for all of them"));
    let no_tenants = declared(openid(None), None, Some(&people(Some("/tid"))));
    assert!(no_tenants.unwrap_err().to_string().contains("the same for all of them"));
}

#[test]
fn a_claim_of_tenants_is_where_people_have_theirs() {
    let probed = || Some(PROBES.map(|tenant| openid(Some(tenant))));
    for elsewhere in [people(Some("/hd")), people(None)] {
        assert!(declared(openid(None), probed(), Some(&elsewhere)).is_err());
    }
    let odd = but_for(Some(PROBES[1]), |said| said.tenant_claim = Some("hd".into()));
    assert!(refused(odd).contains("the claim of its sign-in"));
}

#[test]
fn an_address_that_the_rules_of_interface_2_refuse_is_refused() {
    for bad in [
        "http://login.example",
        "https://login.example/?tenant=x",
        "https://login.example/#x",
        "https://u:p@login.example",
        "https://{region}.example",
        "https://{tenant}.example",
        "javascript:alert(1)",
        "login.example",
        "",
    ] {
        let said = |_: Option<&str>| V1Guest::openid(bad);
        refused(said);
        let endpoint = |_: Option<&str>| {
            let mut said = V1Guest::plain();
            if let v1::Endpoints::Plain(plain) = &mut said.endpoints {
                plain.token = bad.into();
            }
            said
        };
        refused(endpoint);
    }
}

#[test]
fn people_without_an_id_token_need_a_user_record() {
    let said = |_: Option<&str>| {
        let mut said = V1Guest::plain();
        if let v1::Endpoints::Plain(plain) = &mut said.endpoints {
            plain.user_record = None;
        }
        said
    };
    assert!(refused(said).contains("neither an ID token nor a user record"));
    assert!(declared(said(None), None, None).is_ok());
}

#[test]
fn too_many_scopes_or_parameters_are_refused() {
    let scopes = |said: &mut v1::SignIn| said.scopes = vec!["x".into(); 33];
    assert!(refused(but_for(None, scopes)).contains("32 are allowed"));
    let parameters = |said: &mut v1::SignIn| said.parameters = vec![("x".into(), "y".into()); 33];
    assert!(refused(but_for(None, parameters)).contains("32 are allowed"));
}
