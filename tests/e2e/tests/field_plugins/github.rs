//! Organisations of GitHub that ask for single sign-on.

use super::*;

fn set_github_fault(world: &World, kind: FaultKind) {
    world.emulator.clear_faults();
    world.emulator.fault(Fault::always(Target::CloudListing(Cloud::GitHub), kind));
}

#[rstest]
#[case::two(&[9919101, 9919104])]
#[case::one(&[9919105])]
#[case::four(&[9919101, 9919102, 9919103, 9919104])]
#[tokio::test]
async fn github_organisations_hidden_by_single_sign_on_are_named_with_remedy(
    #[case] hidden: &[u64],
) {
    // The cloud changes between two logins of one person.
    let world = world_with_plugins(&["github"], &[("PORTICO_LISTING_MAX_AGE", "0s")]).await;
    wait_until_offered(&world, "github").await;
    let total = account(&world, "github").await["subscriptions"].as_array().unwrap().len();
    set_github_fault(&world, FaultKind::SingleSignOn { organizations: hidden.to_vec() });
    let account = account(&world, "github").await;
    let listed = account["subscriptions"].as_array().unwrap().len();
    assert_eq!(listed, total - hidden.len(), "{account}");
    let text = warnings(&account);
    assert!(text.contains("single sign-on") && text.contains("settings/organizations"), "{text}");
    let tenants = account["tenants"].as_array().unwrap();
    assert_eq!(tenants.len(), hidden.len(), "{account}");
    for id in hidden {
        let id = id.to_string();
        assert!(text.contains(&id), "{text}");
        let tenant = tenants.iter().find(|it| it["id"] == *id).unwrap();
        assert_eq!(tenant["state"], "wants_consent");
        assert_eq!(tenant["mender"], "person");
    }
}

#[rstest]
#[case::url_of_github("{site}/orgs/contoso/sso?authorization_request=AZSCKtL4U8yX", None)]
#[case::url_of_other_host("https://evil.example/sso", Some("/settings/organizations"))]
#[case::script("javascript:alert(1)", Some("/settings/organizations"))]
#[tokio::test]
async fn github_listing_refused_for_single_sign_on_names_sign_in_url(
    #[case] url: &str,
    #[case] replaced_by: Option<&str>,
) {
    let world = world_with_plugins(&["github"], &[]).await;
    wait_until_offered(&world, "github").await;
    let site = Cloud::GitHub.url(world.emulator.http_url());
    let url = url.replace("{site}", site.as_str());
    set_github_fault(&world, FaultKind::SingleSignOnRequired { url: url.clone() });
    let text = warnings(&account(&world, "github").await);
    let shown = replaced_by.unwrap_or(&url);
    assert!(text.contains(shown) && text.contains("single sign-on"), "{text}");
    assert!(!text.contains("evil") && !text.contains("javascript"), "{text}");
}

#[tokio::test]
async fn github_listing_refused_with_403_does_not_name_single_sign_on() {
    let world = world_with_plugins(&["github"], &[]).await;
    wait_until_offered(&world, "github").await;
    set_github_fault(&world, FaultKind::Status { code: 403, retry_after: None });
    let text = warnings(&account(&world, "github").await);
    assert!(text.contains("status 403") && !text.contains("single sign-on"), "{text}");
}
