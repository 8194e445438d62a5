//! Ids of tenants and applications in other notations.

use portico_e2e::{Browser, hint, personas, world_with_plugins};
use reqwest::StatusCode;
use rstest::rstest;

use crate::assert_start_refused;

#[rstest]
#[case::built_in(&[])]
#[case::component(&["azure"])]
#[tokio::test]
async fn upper_case_guids_are_accepted_as_equal(#[case] plug_ins: &[&str]) {
    let (tenant, client) = (personas::CONTOSO.id, personas::APPLICATION.client_id);
    let (upper_tenant, upper_client) = (tenant.to_ascii_uppercase(), client.to_ascii_uppercase());
    assert_ne!((upper_tenant.as_str(), upper_client.as_str()), (tenant, client));
    let variables = [
        ("AZURE_CLIENT_ID", upper_client.as_str()),
        ("AZURE_TENANT_ID", &upper_tenant),
        ("AZURE_ALLOWED_TENANTS", &upper_tenant),
    ];
    let world = world_with_plugins(plug_ins, &variables).await;
    let base = &world.portico.base;
    let with_tenant = format!("{}&tenant={upper_tenant}", hint(personas::ZOFIA.user_name));
    for query in [hint(personas::ZOFIA.user_name), with_tenant] {
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(base, &query).await;
        let response = browser.get(callback).await;
        assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
        let session = browser.session(base).await.json();
        assert_eq!(session["accounts"][0]["tenantId"], tenant, "{query}");
    }
}

#[rstest]
#[case::in_braces(|guid: &str| format!("{{{guid}}}"))]
#[case::without_hyphens(|guid: &str| guid.replace('-', ""))]
#[case::urn(|guid: &str| format!("urn:uuid:{guid}"))]
#[tokio::test]
async fn guid_in_other_notation_is_refused_with_correction(
    #[case] notation: fn(&str) -> String,
    #[values("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_ALLOWED_TENANTS")] name: &str,
) {
    let guid = personas::CONTOSO.id;
    let stderr = assert_start_refused(&[(name, notation(guid).as_bytes())]).await;
    let correction = format!("write it as {guid}");
    assert!(stderr.contains(name) && stderr.contains(&correction), "{stderr}");
}

#[tokio::test]
async fn guid_in_quotes_is_refused() {
    let quoted = format!("\"{}\"", personas::CONTOSO.id);
    let stderr = assert_start_refused(&[("AZURE_CLIENT_ID", quoted.as_bytes())]).await;
    assert!(stderr.contains("AZURE_CLIENT_ID is in quotes"), "{stderr}");
}

#[rstest]
#[tokio::test]
async fn tenant_domain_is_refused_with_url_of_its_id(
    #[values("AZURE_TENANT_ID", "AZURE_ALLOWED_TENANTS")] name: &str,
    #[values("contoso.onmicrosoft.com", "fabrikam.example")] domain: &str,
) {
    let stderr = assert_start_refused(&[(name, domain.as_bytes())]).await;
    let url =
        format!("https://login.microsoftonline.com/{domain}/v2.0/.well-known/openid-configuration");
    assert!(stderr.contains(name) && stderr.contains(&url), "{stderr}");
}

#[tokio::test]
async fn authority_host_with_path_is_refused_with_correction() {
    let url = b"https://login.microsoftonline.com/x/v2.0";
    let stderr = assert_start_refused(&[("AZURE_AUTHORITY_HOST", url)]).await;
    assert!(
        stderr.contains("write only scheme, host and port: https://login.microsoftonline.com"),
        "{stderr}"
    );
}
