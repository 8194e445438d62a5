use rstest::rstest;

use super::*;
use crate::testing::samples;

fn sign_in(issuer: &str) -> SignIn {
    let endpoints = Endpoints::OpenId(Url::parse(issuer).unwrap());
    SignIn { endpoints, ..samples::sign_in() }
}

fn retarget(default: &str, requested: &str, url: &str, issuer: &str) -> Option<(String, String)> {
    let issuer = ResponseIssuer { issuer: issuer.into(), required: false };
    let authorization = Authorization { url: Url::parse(url).unwrap(), issuer };
    let retargeted = retargeted(authorization, &sign_in(default), &sign_in(requested))?;
    Some((retargeted.url.to_string(), retargeted.issuer.issuer))
}

#[rstest]
#[case::guid("72F988BF-86F1-41AF-91AB-2D7CD011DB47", "72f988bf-86f1-41af-91ab-2d7cd011db47")]
#[case::domain("Contoso.example", "Contoso.example")]
#[case::guid_without_dashes("72F988BF86F141AF91AB2D7CD011DB47", "72F988BF86F141AF91AB2D7CD011DB47")]
#[case::short("ABC", "ABC")]
fn normalized_changes_guids_to_lower_case_only(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(normalized(TenantId::parse(text).unwrap()).as_str(), expected);
}

#[test]
fn with_default_endpoints_needs_a_discovery_document_of_both() {
    let discovered = |path: &str| sign_in(&format!("https://login.example/{path}"));
    let plain = || {
        let endpoints = Endpoints::Plain(samples::plain_endpoints());
        SignIn { endpoints, ..samples::sign_in() }
    };
    let found = with_default_endpoints(&discovered("fabrikam"), &discovered("contoso"));
    assert_eq!(found, Some(discovered("contoso")));
    for (requested, default) in
        [(discovered("a"), plain()), (plain(), discovered("a")), (plain(), plain())]
    {
        assert_eq!(with_default_endpoints(&requested, &default), None);
    }
}

#[rstest]
#[case::name_to_id("organizations", "8b6d")]
#[case::common_prefix("3f1c", "3f1d")]
#[case::common_suffix("a1", "ba1")]
fn retargeted_replaces_the_tenant_in_endpoint_and_issuer(
    #[case] default: &str,
    #[case] requested: &str,
) {
    let at = |tenant: &str, path: &str| format!("https://login.example/{tenant}/{path}");
    let retargeted = retarget(
        &at(default, "v2.0"),
        &at(requested, "v2.0"),
        &at(default, "oauth2/v2.0/authorize?state=organizations"),
        &at(default, "v2.0"),
    );
    let expected = at(requested, "oauth2/v2.0/authorize?state=organizations");
    assert_eq!(retargeted, Some((expected, at(requested, "v2.0"))));
}

#[test]
fn retargeted_keeps_an_issuer_with_a_placeholder() {
    let every = "https://login.example/{tenantid}/v2.0";
    let retargeted = retarget(
        "https://login.example/organizations/v2.0",
        "https://login.example/8b6d/v2.0",
        "https://login.example/organizations/authorize",
        every,
    );
    assert_eq!(retargeted.unwrap().1, every);
}

#[test]
fn retargeted_keeps_the_endpoint_of_a_provider_with_one_issuer() {
    let one = "https://accounts.example";
    let url = "https://accounts.example/o/oauth2/auth?hd=contoso";
    assert_eq!(retarget(one, one, url, one), Some((url.into(), one.into())));
}

#[test]
fn retargeted_returns_none_for_an_endpoint_without_the_tenant() {
    let (default, requested) = ("https://login.example/a", "https://login.example/b");
    assert_eq!(retarget(default, requested, "https://other.example/a/authorize", default), None);
    assert_eq!(retarget(default, requested, "https://login.example/c/authorize", default), None);
}

#[test]
fn retargeted_never_changes_the_host() {
    let (default, requested) = ("https://login.example/a", "https://login.example.evil/b");
    assert_eq!(retarget(default, requested, "https://login.example/a/authorize", default), None);
}
