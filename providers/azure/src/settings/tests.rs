use rstest::rstest;

use super::*;

const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// The defaults with these changes. An empty value is the same as none.
fn read(changed: &[(&str, &str)]) -> Result<AzureSettings, ProviderError> {
    let mut pairs = std::collections::BTreeMap::from([(TENANT_ID, GUID)]);
    pairs.extend(changed.iter().copied());
    AzureSettings::read(&Settings::from_iter(pairs).complete(&specs())?)
}

fn refused_key(changed: &[(&str, &str)]) -> String {
    match read(changed).unwrap_err() {
        ProviderError::Setting { key, .. } => key,
        other => panic!("{other}"),
    }
}

#[test]
fn read_defaults_to_public_cloud_and_application() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.resource_manager.as_str(), "https://management.azure.com/");
    assert_eq!(settings.listing_as, ListingAs::Application);
}

#[rstest]
#[case::guid(GUID)]
#[case::guid_in_upper_case(&GUID.to_ascii_uppercase())]
#[case::organizations("organizations")]
#[case::common("common")]
fn read_takes_tenant(#[case] tenant: &str) {
    assert!(read(&[(TENANT_ID, tenant)]).is_ok());
}

#[rstest]
#[case::empty("")]
#[case::domain("contoso.onmicrosoft.com")]
#[case::consumers("consumers")]
#[case::upper_case("Common")]
#[case::path("../x")]
#[case::placeholder("{tenant}")]
fn read_refuses_tenant(#[case] tenant: &str) {
    assert_eq!(refused_key(&[(TENANT_ID, tenant)]), TENANT_ID);
}

#[rstest]
fn read_takes_https_and_loopback_addresses(
    #[values(AUTHORITY_HOST, RESOURCE_MANAGER_URL)] key: &str,
    #[values("https://a.example", "http://127.0.0.1:4000", "http://localhost:4000/")] address: &str,
) {
    assert!(read(&[(key, address)]).is_ok());
}

#[rstest]
#[case::http("http://a.example")]
#[case::ftp("ftp://a.example")]
#[case::no_scheme("a.example")]
#[case::user("https://u:p@a.example")]
#[case::query("https://a.example?x")]
#[case::fragment("https://a.example#x")]
#[case::loopback_as_label("http://127.0.0.1.evil.example")]
#[case::word("nonsense")]
fn read_refuses_address(
    #[values(AUTHORITY_HOST, RESOURCE_MANAGER_URL)] key: &str,
    #[case] address: &str,
) {
    assert_eq!(refused_key(&[(key, address)]), key);
}

#[test]
fn read_takes_path_in_authority_host_only() {
    assert!(read(&[(AUTHORITY_HOST, "https://a.example/x")]).is_ok());
    let with_path = [(RESOURCE_MANAGER_URL, "https://a.example/x")];
    assert_eq!(refused_key(&with_path), RESOURCE_MANAGER_URL);
}

#[test]
fn read_takes_application_or_user_to_list_as() {
    let listing_as = |word| read(&[(SUBSCRIPTIONS_AS, word)]).unwrap().listing_as;
    assert_eq!(listing_as("application"), ListingAs::Application);
    assert_eq!(listing_as("user"), ListingAs::User);
    assert_eq!(refused_key(&[(SUBSCRIPTIONS_AS, "root")]), SUBSCRIPTIONS_AS);
}
