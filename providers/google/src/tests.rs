use portico_provider::{
    provider::{Endpoints, FetchError, Method},
    serde_json::json,
    testing::{Cloud, ok, reply},
};

use super::*;

const EMULATOR: [(&str, &str); 2] = [
    ("issuer", "http://127.0.0.1:4000/google"),
    ("resource-manager-url", "http://127.0.0.1:4000/google"),
];

fn google() -> Cloud<Google> {
    Cloud::with(&[])
}

#[test]
fn people_sign_in_with_openid_and_get_a_refresh_token() {
    let sign_in = google().sign_in();
    let issuer = Url::parse("https://accounts.google.com").unwrap();
    assert_eq!(sign_in.endpoints, Endpoints::OpenId(issuer));
    assert_eq!(sign_in.scopes, SCOPES);
    assert!(sign_in.parameters.contains(&("access_type".into(), "offline".into())));
}

#[test]
fn a_person_is_their_sub_in_their_organisation_or_at_google() {
    let google = google();
    let claims = json!({"sub": "1076", "hd": "contoso.example", "name": "Zofia", "email": "z@c"});
    let identity = google.identify(&claims).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("1076", "contoso.example"));
    assert_eq!(identity.username.as_deref(), Some("z@c"));
    let private = google.identify(json!({"sub": "1076"})).unwrap();
    assert_eq!(private.tenant.as_str(), "accounts.google.com");
    assert_eq!(private.display_name, "1076");
    for odd in [json!({}), json!({"sub": ""}), json!({"sub": null}), json!({"sub": "1", "hd": ""})]
    {
        assert!(google.identify(&odd).is_err(), "{odd}");
    }
}

#[test]
fn projects_are_listed_page_by_page_by_token() {
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

#[test]
fn sign_in_is_refused_where_the_issuer_is_no_https_address() {
    for bad in ["http://accounts.example", "https://u@accounts.example", "https://a.example?x"] {
        let refused = Cloud::<Google>::configured(&[("issuer", bad)]).err();
        let named = matches!(refused, Some(ProviderError::Setting { key, .. }) if key == "issuer");
        assert!(named, "{bad}");
    }
}

#[test]
fn nothing_at_all_is_an_empty_list_and_no_fault() {
    let listed = google().listed([ok("{}")]);
    assert_eq!((listed.ids().len(), listed.warnings().len()), (0, 0));
}

#[test]
fn a_token_that_comes_again_ends_the_list() {
    let again = || ok(json!({"projects": [], "nextPageToken": "x"}));
    let listed = google().listed([again(), again()]);
    assert_eq!(listed.asked.len(), 2);
    assert!(listed.warnings()[0].contains("next page"));
}

#[test]
fn what_goes_wrong_is_a_warning_and_the_rest_stays() {
    let first = || ok(json!({"projects": [{"projectId": "web"}, {}], "nextPageToken": "x"}));
    for second in [
        Ok(reply(401, "")),
        Ok(reply(403, "{}")),
        Ok(reply(429, "")),
        Ok(reply(503, "<html>")),
        ok("[]"),
        ok("garbage"),
        ok(json!({"projects": 7})),
        Err(FetchError::TimedOut),
        Err(FetchError::BudgetSpent),
    ] {
        let listed = google().listed([first(), second]);
        assert_eq!(listed.ids(), ["web"]);
        assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
    }
}

#[test]
fn a_name_of_a_megabyte_and_odd_types_are_no_trouble() {
    let listed = google().listed([ok(json!({"projects": [
        {"projectId": "a", "displayName": "x".repeat(1 << 20), "state": 7},
        {"projectId": 415_104, "displayName": ["x"]},
    ], "nextPageToken": null}))]);
    assert_eq!(listed.ids(), ["a", "415104"]);
    assert_eq!(listed.listing.subscriptions[0].display_name.len(), 256);
    assert_eq!(listed.listing.subscriptions[1].display_name, "415104");
}

#[test]
fn the_permission_covers_the_search_and_nothing_else() {
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
fn what_google_could_not_reach_is_said() {
    let page = json!({"projects": [{"projectId": "one"}], "unreachable": ["locations/eu", "x"]});
    let listed = Cloud::<Google>::with(&[]).listed([ok(&page)]);
    assert_eq!(listed.ids(), ["one"]);
    let [warning] = listed.warnings() else { panic!("{:?}", listed.warnings()) };
    assert!(warning.contains("did not answer: locations/eu, x"), "{warning}");
    let whole = json!({"projects": [], "unreachable": []});
    assert_eq!(Cloud::<Google>::with(&[]).listed([ok(&whole)]).warnings(), [""; 0]);
}
