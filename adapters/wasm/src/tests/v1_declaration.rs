//! Declarations of the sign-in of interface 1, and sign-ins that are refused.

use portico_domain::provider::{SignInTemplate, SubjectMapping};
use rstest::rstest;

use crate::{
    bindings::v1::exports::portico::provider::provider as v1,
    convert::rules::Checked,
    testing::V1PluginBuilder,
    upgrade::sign_in::{PROBE_TENANTS, declaration},
};

const COMMON: &str = "https://login.example/common/v2.0";

fn issuer(tenant: Option<&str>) -> String {
    COMMON.replace("common", tenant.unwrap_or("common"))
}

fn openid(tenant: Option<&str>) -> v1::SignIn {
    v1::SignIn { tenant_claim: Some("tid".into()), ..V1PluginBuilder::openid(&issuer(tenant)) }
}

fn people(tenant: Option<&str>) -> SubjectMapping {
    SubjectMapping {
        subject: "/oid".into(),
        tenant: tenant.map(Into::into),
        display_name: vec![],
        username: vec![],
    }
}

/// The declaration of these sign-ins without a tenant and with both probe tenants; the tenant claim is
/// `/tid`.
fn declare(sign_in: impl Fn(Option<&str>) -> v1::SignIn) -> Checked<SignInTemplate> {
    let probed = PROBE_TENANTS.map(|tenant| sign_in(Some(tenant)));
    declaration(sign_in(None), Some(probed), Some(&people(Some("/tid"))))
}

fn refused(sign_in: impl Fn(Option<&str>) -> v1::SignIn) -> String {
    declare(sign_in).unwrap_err().to_string()
}

/// The OpenID sign-in, changed for the tenant `odd`.
fn changed_for<'a>(
    odd: Option<&'a str>,
    change: impl Fn(&mut v1::SignIn) + 'a,
) -> impl Fn(Option<&str>) -> v1::SignIn + 'a {
    move |tenant| {
        let mut sign_in = openid(tenant);
        if tenant == odd {
            change(&mut sign_in);
        }
        sign_in
    }
}

#[test]
fn declaration_replaces_tenant_segment_of_issuer_by_placeholder() {
    let declared = declare(openid).unwrap();
    assert_eq!(declared.endpoints.issuer(), "https://login.example/{tenant}/v2.0");
}

#[test]
fn declaration_has_no_tenant_if_sign_in_is_equal_for_all() {
    let sign_in = V1PluginBuilder::openid("https://accounts.example");
    let probed = Some([sign_in.clone(), sign_in.clone()]);
    let declared = declaration(sign_in, probed, Some(&people(None))).unwrap();
    assert_eq!(declared.endpoints.issuer(), "https://accounts.example/");
    assert_eq!(declared.default_tenant, None);
}

#[rstest]
#[case::scope(|it: &mut v1::SignIn| it.scopes.push("admin".into()))]
#[case::parameter(|it: &mut v1::SignIn| it.parameters.push(("resource".into(), "x".into())))]
#[case::client_authentication(|it: &mut v1::SignIn| it.client_auth = v1::ClientAuth::None)]
#[case::token_encoding(|it: &mut v1::SignIn| it.token_encoding = v1::TokenEncoding::JsonCamelCase)]
#[case::issuer(|it: &mut v1::SignIn| {
    it.endpoints = v1::Endpoints::Openid("https://evil.example/x/v2.0".into());
})]
fn declaration_refuses_sign_in_that_differs_for_one_tenant(
    #[case] change: fn(&mut v1::SignIn),
    #[values(None, Some(PROBE_TENANTS[0]), Some(PROBE_TENANTS[1]))] odd: Option<&str>,
) {
    let why = refused(changed_for(odd, change));
    assert!(why.contains("tenant"), "{why}");
}

#[test]
fn declaration_refuses_other_token_endpoint_for_one_tenant() {
    let sign_in = |tenant: Option<&str>| {
        let mut sign_in = V1PluginBuilder::plain();
        if let (Some("b7c2d1ef-2222-4b22-9b22-c0ffee000002"), v1::Endpoints::Plain(plain)) =
            (tenant, &mut sign_in.endpoints)
        {
            plain.token = "https://evil.example/token".into();
        }
        sign_in
    };
    assert!(refused(sign_in).contains("depends on the tenant"));
}

#[rstest]
#[case::label_of_host("https://common.example/v2.0")]
#[case::host("https://common/v2.0")]
#[case::part_of_segment("https://login.example/x-common/v2.0")]
#[case::two_segments("https://login.example/common/common")]
fn declaration_refuses_tenant_that_is_not_one_segment(#[case] form: &str) {
    refused(|tenant: Option<&str>| {
        let issuer = form.replace("common", tenant.unwrap_or("common"));
        v1::SignIn { tenant_claim: Some("tid".into()), ..V1PluginBuilder::openid(&issuer) }
    });
}

#[test]
fn declaration_refuses_tenant_in_endpoint_without_tenant_in_issuer() {
    refused(|tenant| {
        let mut sign_in = V1PluginBuilder::plain();
        if let v1::Endpoints::Plain(plain) = &mut sign_in.endpoints {
            plain.token = format!("https://login.example/{}/token", tenant.unwrap_or("common"));
        }
        sign_in
    });
}

#[test]
fn declaration_refuses_tenant_claim_without_tenant_in_issuer() {
    let sign_in = |_: Option<&str>| openid(None);
    assert!(refused(sign_in).contains("the same for all of them"));
    let no_tenants = declaration(openid(None), None, Some(&people(Some("/tid"))));
    assert!(no_tenants.unwrap_err().to_string().contains("the same for all of them"));
}

#[test]
fn declaration_refuses_tenant_claim_that_is_not_the_tenant_pointer() {
    let probed = || Some(PROBE_TENANTS.map(|tenant| openid(Some(tenant))));
    for elsewhere in [people(Some("/hd")), people(None)] {
        assert!(declaration(openid(None), probed(), Some(&elsewhere)).is_err());
    }
    let odd =
        changed_for(Some(PROBE_TENANTS[1]), |sign_in| sign_in.tenant_claim = Some("hd".into()));
    assert!(refused(odd).contains("the claim of its sign-in"));
}

#[rstest]
#[case::http("http://login.example")]
#[case::query("https://login.example/?tenant=x")]
#[case::fragment("https://login.example/#x")]
#[case::user("https://u:p@login.example")]
#[case::setting("https://{region}.example")]
#[case::tenant("https://{tenant}.example")]
#[case::script("javascript:alert(1)")]
#[case::relative("login.example")]
#[case::empty("")]
fn declaration_refuses_url_of_issuer_or_endpoint(#[case] url: &str) {
    refused(|_: Option<&str>| V1PluginBuilder::openid(url));
    refused(|_: Option<&str>| {
        let mut sign_in = V1PluginBuilder::plain();
        if let v1::Endpoints::Plain(plain) = &mut sign_in.endpoints {
            plain.token = url.into();
        }
        sign_in
    });
}

#[test]
fn declaration_refuses_subject_mapping_without_id_token_and_user_record() {
    let sign_in = |_: Option<&str>| {
        let mut sign_in = V1PluginBuilder::plain();
        if let v1::Endpoints::Plain(plain) = &mut sign_in.endpoints {
            plain.user_record = None;
        }
        sign_in
    };
    assert!(refused(sign_in).contains("neither an ID token nor a user record"));
    assert!(declaration(sign_in(None), None, None).is_ok());
}

#[test]
fn declaration_refuses_too_many_scopes_or_parameters() {
    let scopes = |sign_in: &mut v1::SignIn| sign_in.scopes = vec!["x".into(); 33];
    assert!(refused(changed_for(None, scopes)).contains("32 are allowed"));
    let parameters =
        |sign_in: &mut v1::SignIn| sign_in.parameters = vec![("x".into(), "y".into()); 33];
    assert!(refused(changed_for(None, parameters)).contains("32 are allowed"));
}
