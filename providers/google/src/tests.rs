use portico_provider::{
    provider::{Endpoints, FetchError, Method},
    serde_json::{Value, json},
    testing::{Cloud, Outcome, ok, reply},
};
use rstest::rstest;

use super::*;

const EMULATOR: [(&str, &str); 2] = [
    ("issuer", "http://127.0.0.1:4000/google"),
    ("resource-manager-url", "http://127.0.0.1:4000/google"),
];

fn google() -> Cloud<Google> {
    Cloud::with(&[])
}

#[test]
fn sign_in_is_openid_with_offline_access() {
    let sign_in = google().sign_in();
    let issuer = Url::parse("https://accounts.google.com").unwrap();
    assert_eq!(sign_in.endpoints, Endpoints::OpenId(issuer));
    assert_eq!(sign_in.scopes, SCOPES);
    assert!(sign_in.parameters.contains(&("access_type".into(), "offline".into())));
}

#[test]
fn identity_is_sub_in_organisation_or_at_google() {
    let google = google();
    let claims = json!({"sub": "1076", "hd": "contoso.example", "name": "Zofia", "email": "z@c"});
    let identity = google.identify(&claims).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("1076", "contoso.example"));
    assert_eq!(identity.username.as_deref(), Some("z@c"));
    let private = google.identify(json!({"sub": "1076"})).unwrap();
    assert_eq!(private.tenant.as_str(), "accounts.google.com");
    assert_eq!(private.display_name, "1076");
}

#[rstest]
#[case::no_sub(json!({}))]
#[case::empty_sub(json!({"sub": ""}))]
#[case::null_sub(json!({"sub": null}))]
#[case::empty_hd(json!({"sub": "1", "hd": ""}))]
fn identify_refuses(#[case] claims: Value) {
    assert!(google().identify(&claims).is_err());
}

#[test]
fn projects_are_listed_page_by_page_with_token() {
    let listed = Cloud::<Google>::with(&EMULATOR).listed([
        ok(json!({"projects": [{"projectId": "web", "displayName": "Website", "state": "ACTIVE"}],
            "nextPageToken": "a/b="})),
        ok(json!({"projects": [{"projectId": "lab"}], "nextPageToken": ""})),
    ]);
    let search = "http://127.0.0.1:4000/google/v3/projects:search?pageSize=500";
    assert_eq!(listed.urls(), [search, &format!("{search}&pageToken=a%2Fb%3D")]);
    assert_eq!(listed.ids(), ["web", "lab"]);
    assert_eq!(listed.listing.subscriptions[0].display_name, "Website");
    assert_eq!(listed.listing.subscriptions[0].state.as_deref(), Some("ACTIVE"));
    assert_eq!(listed.warnings(), [""; 0]);
}

#[rstest]
#[case::http("http://accounts.example")]
#[case::user("https://u@accounts.example")]
#[case::query("https://a.example?x")]
fn configured_refuses_issuer(#[case] issuer: &str) {
    let refused = Cloud::<Google>::configured(&[("issuer", issuer)]).err();
    assert!(matches!(refused, Some(ProviderError::Setting { key, .. }) if key == "issuer"));
}

#[test]
fn empty_object_is_an_empty_list_without_warning() {
    let listed = google().listed([ok("{}")]);
    assert_eq!((listed.ids().len(), listed.warnings().len()), (0, 0));
}

#[test]
fn repeated_page_token_ends_the_list_with_warning() {
    let again = || ok(json!({"projects": [], "nextPageToken": "x"}));
    let listed = google().listed([again(), again()]);
    assert_eq!(listed.asked.len(), 2);
    assert!(listed.warnings()[0].contains("next page"));
}

#[rstest]
#[case::status_401(Ok(reply(401, "")))]
#[case::status_403(Ok(reply(403, "{}")))]
#[case::status_429(Ok(reply(429, "")))]
#[case::status_503(Ok(reply(503, "<html>")))]
#[case::array(ok("[]"))]
#[case::not_json(ok("garbage"))]
#[case::number_for_list(ok(json!({"projects": 7})))]
#[case::timed_out(Err(FetchError::TimedOut))]
#[case::budget_spent(Err(FetchError::BudgetSpent))]
fn failed_second_page_adds_warning_and_keeps_first(#[case] second: Outcome) {
    let first = ok(json!({"projects": [{"projectId": "web"}, {}], "nextPageToken": "x"}));
    let listed = google().listed([first, second]);
    assert_eq!(listed.ids(), ["web"]);
    assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
}

#[test]
fn long_name_is_truncated_and_other_types_are_ignored() {
    let listed = google().listed([ok(json!({"projects": [
        {"projectId": "a", "displayName": "x".repeat(1 << 20), "state": 7},
        {"projectId": 415_104, "displayName": ["x"]},
    ], "nextPageToken": null}))]);
    assert_eq!(listed.ids(), ["a", "415104"]);
    assert_eq!(listed.listing.subscriptions[0].display_name.len(), 256);
    assert_eq!(listed.listing.subscriptions[1].display_name, "415104");
}

#[test]
fn permission_covers_the_search_only() {
    let google = google();
    let permission = &google.descriptor().permissions[0];
    let covers = |method, url: &str| permission.covers(method, &Url::parse(url).unwrap());
    let host = "https://cloudresourcemanager.googleapis.com";
    assert!(covers(Method::Get, &format!("{host}/v3/projects:search?pageSize=1")));
    assert!(!covers(Method::Post, &format!("{host}/v3/projects:search")));
    assert!(!covers(Method::Get, &format!("{host}/v3/projects")));
    assert!(!covers(Method::Get, "https://evil.example/v3/projects:search"));
}

#[test]
fn unreachable_locations_are_in_a_warning() {
    let page = json!({"projects": [{"projectId": "one"}], "unreachable": ["locations/eu", "x"]});
    let listed = Cloud::<Google>::with(&[]).listed([ok(&page)]);
    assert_eq!(listed.ids(), ["one"]);
    let [warning] = listed.warnings() else { panic!("{:?}", listed.warnings()) };
    assert!(warning.contains("did not answer: locations/eu, x"), "{warning}");
    let whole = json!({"projects": [], "unreachable": []});
    assert_eq!(Cloud::<Google>::with(&[]).listed([ok(&whole)]).warnings(), [""; 0]);
}
