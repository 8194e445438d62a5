use portico_provider::{
    provider::{Endpoints, FetchError, Method},
    serde_json::json,
    testing::{Cloud, ok, reply},
};

use super::*;

const BASE: &str = "http://127.0.0.1:4000/digitalocean";

fn emulated() -> Cloud<DigitalOcean> {
    Cloud::with(&[("url", BASE), ("api-url", BASE)])
}

#[test]
fn people_sign_in_with_oauth_and_their_account_says_who_they_are() {
    let sign_in = emulated().sign_in();
    let Endpoints::Plain(plain) = &sign_in.endpoints else { panic!() };
    assert_eq!(plain.issuer.as_str(), BASE);
    assert_eq!(plain.authorization.as_str(), format!("{BASE}/v1/oauth/authorize"));
    assert_eq!(plain.token.as_str(), format!("{BASE}/v1/oauth/token"));
    assert_eq!(sign_in.user_records[0].url.as_str(), format!("{BASE}/v2/account"));
    let real = Cloud::<DigitalOcean>::with(&[]).sign_in();
    assert_eq!(real.issuer().as_str(), "https://cloud.digitalocean.com/");
    assert_eq!(real.scopes, ["read"]);
}

#[test]
fn a_person_is_their_uuid_in_their_team() {
    let cloud = emulated();
    let record = json!({"account": {"uuid": "u-1", "name": "Zofia", "email": "z@c",
        "team": {"uuid": "t-1", "name": "Contoso"}}});
    let identity = cloud.identify(&record).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("u-1", "t-1"));
    assert_eq!(identity.display_name, "Zofia");
    let alone = cloud.identify(json!({"account": {"uuid": "u-1", "team": null}})).unwrap();
    assert_eq!(alone.tenant.as_str(), "127.0.0.1");
    for odd in [json!({}), json!({"uuid": "u-1"}), json!({"account": []}), json!({"account": {}})] {
        assert!(cloud.identify(&odd).is_err(), "{odd}");
    }
}

#[test]
fn projects_are_listed_page_by_page_by_link() {
    let next = format!("{BASE}/v2/projects?page=2&per_page=100");
    let listed = emulated().listed([
        ok(json!({"projects": [{"id": "p-1", "name": "Web"}], "links": {"pages": {"next": next}}})),
        ok(json!({"projects": [{"id": "p-2"}], "links": {"pages": {"prev": "x"}}})),
    ]);
    assert_eq!(listed.urls(), [&format!("{BASE}/v2/projects?per_page=100"), &next]);
    assert_eq!(listed.ids(), ["p-1", "p-2"]);
    assert_eq!(listed.listing.subscriptions[0].display_name, "Web");
    assert_eq!(listed.warnings(), [""; 0]);
}

#[test]
fn what_goes_wrong_is_a_warning_and_the_rest_stays() {
    let next = format!("{BASE}/v2/projects?page=2");
    let links = json!({"pages": {"next": next}});
    let circle = json!({"projects": [], "links": links});
    let evil =
        json!({"projects": [], "links": {"pages": {"next": "https://evil.example/v2/projects"}}});
    for second in [
        Ok(reply(401, "{}")),
        Ok(reply(403, "")),
        Ok(reply(429, "")),
        Ok(reply(500, "")),
        ok("garbage"),
        ok("[]"),
        ok(json!({"projects": "none"})),
        ok(&circle),
        ok(&evil),
        Err(FetchError::TooLarge),
    ] {
        let first = ok(json!({"projects": [{"id": "p-1"}, {"name": "x"}], "links": links}));
        let listed = emulated().listed([first, second]);
        assert_eq!(listed.ids(), ["p-1"]);
        assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
    }
}

#[test]
fn the_permission_reads_account_and_projects_and_nothing_beside() {
    let cloud = emulated();
    let permission = &cloud.descriptor().permissions[0];
    let covers = |method, path: &str| {
        permission.covers(method, &Url::parse(&format!("{BASE}{path}")).unwrap())
    };
    assert!(covers(Method::Get, ACCOUNT) && covers(Method::Get, PROJECTS));
    assert!(!covers(Method::Post, PROJECTS));
    assert!(!covers(Method::Get, "/v2/droplets"));
    assert!(!covers(Method::Get, "/v2/accounts"));
}

#[test]
fn a_list_that_ends_before_its_total_is_told() {
    let page = |total: u64| json!({"projects": [{"id": "one"}], "meta": {"total": total}});
    let listed = Cloud::<DigitalOcean>::with(&[]).listed([ok(page(3))]);
    assert_eq!(listed.ids(), ["one"]);
    assert!(listed.warnings()[0].contains("there are 3, and 1 came"), "{:?}", listed.warnings());
    for whole in [0, 1] {
        let listed = Cloud::<DigitalOcean>::with(&[]).listed([ok(page(whole))]);
        assert_eq!(listed.warnings(), [""; 0], "{whole}");
    }
}
