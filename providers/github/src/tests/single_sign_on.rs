//! Organisations that require single sign-on.

use super::*;

fn with_sso(status: u16, body: &Value, value: &str) -> Outcome {
    let mut reply = reply(status, body);
    reply.headers = vec![("X-GitHub-SSO".into(), value.into())];
    Ok(reply)
}

#[test]
fn organisations_that_require_single_sign_on_are_listed_with_link() {
    let value = "partial-results; organizations=21955855,20582480";
    let page = json!([{"login": "contoso", "id": 1}, {"login": "labs", "id": 20582480}]);
    let listed = Cloud::<GitHub>::with(&[]).listed([with_sso(200, &page, value)]);
    assert_eq!(listed.ids(), ["zofia", "contoso", "labs"]);
    let [warning] = listed.warnings() else { panic!("{:?}", listed.warnings()) };
    assert!(warning.contains("organisation 21955855, labs"), "{warning}");
    assert!(warning.contains("https://github.com/settings/organizations"), "{warning}");
    let tenants = &listed.listing.tenants;
    let named: Vec<_> = tenants.iter().map(|it| (it.id.as_str(), it.repair.clone())).collect();
    let link = |path: &str| Some(Repair::Link(format!("https://github.com{path}")));
    assert_eq!(
        named,
        [("21955855", link("/settings/organizations")), ("20582480", link("/orgs/labs/sso"))]
    );
    assert!(tenants.iter().all(|it| it.state == TenantState::WantsConsent));
}

#[rstest]
#[case::no_parameter("partial-results", 1, 0)]
#[case::upper_case_and_quotes("PARTIAL-RESULTS; Organizations=\"7\"", 1, 1)]
#[case::invalid_and_duplicate_ids("partial-results; organizations=a,-1,7,7", 1, 1)]
#[case::no_ids("partial-results; organizations=;x", 1, 0)]
#[case::empty("", 0, 0)]
#[case::other_kind("something-else; organizations=7", 0, 0)]
#[case::required("required; url=https://github.com/x", 0, 0)]
fn single_sign_on_header_adds_warnings_and_tenants(
    #[case] value: &str,
    #[case] warnings: usize,
    #[case] tenants: usize,
) {
    let listed = emulated().listed([with_sso(200, &json!([]), value)]);
    assert_eq!((listed.warnings().len(), listed.listing.tenants.len()), (warnings, tenants));
}

/// The emulator has no TLS, and the host would refuse the link.
#[test]
fn tenant_has_no_link_to_http() {
    let listed = emulated().listed([with_sso(200, &json!([]), "partial-results; organizations=7")]);
    assert_eq!(listed.listing.tenants[0].repair, None);
}

#[rstest]
#[case::own_page(
    "required; url=https://github.com/orgs/octodocs-test/sso?authorization_request=AZSC",
    "at https://github.com/orgs/octodocs-test/sso?authorization_request=AZSC,"
)]
#[case::other_host("required; url=https://evil.example/sso", SETTINGS)]
#[case::host_as_user("required; url=https://github.com@evil.example/sso", SETTINGS)]
#[case::http("required; url=http://github.com/sso", SETTINGS)]
#[case::no_url("required", SETTINGS)]
#[case::other_kind("other; url=x", "status 403")]
fn refused_list_has_warning_with_link_to_own_site_only(
    #[case] value: &str,
    #[case] expected: &str,
) {
    let listed = Cloud::<GitHub>::with(&[]).listed([with_sso(403, &json!({}), value)]);
    assert!(listed.warnings()[0].contains(expected), "{:?}", listed.warnings());
}

#[test]
fn organisation_that_refuses_the_list_is_a_tenant_with_its_link() {
    let page = "https://github.com/orgs/octodocs-test/sso?authorization_request=AZSC";
    let value = format!("required; url={page}");
    let listed = Cloud::<GitHub>::with(&[]).listed([with_sso(403, &json!({}), &value)]);
    let [tenant] = &listed.listing.tenants[..] else { panic!("{:?}", listed.listing.tenants) };
    assert_eq!((tenant.id.as_str(), tenant.state), ("octodocs-test", TenantState::WantsConsent));
    assert_eq!(tenant.repair, Some(Repair::Link(page.into())));
}

#[rstest]
#[case::other_host("https://evil.example/orgs/a/sso")]
#[case::no_organisation("https://github.com/settings")]
#[case::markup("https://github.com/orgs/%3Cb%3E/sso")]
fn refused_list_names_no_organisation_of(#[case] page: &str) {
    let value = format!("required; url={page}");
    let listed = Cloud::<GitHub>::with(&[]).listed([with_sso(403, &json!({}), &value)]);
    assert_eq!(listed.listing.tenants, []);
}

const SETTINGS: &str = "at https://github.com/settings/organizations,";
