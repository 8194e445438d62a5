use portico_provider::{
    provider::{Endpoints, FetchError, Method},
    serde_json::{Value, json},
    testing::{Cloud, Outcome, ok, reply},
};
use rstest::rstest;

use super::*;

const BASE: &str = "http://127.0.0.1:4000/digitalocean";

fn emulated() -> Cloud<DigitalOcean> {
    Cloud::with(&[("url", BASE), ("api-url", BASE)])
}

#[test]
fn sign_in_is_plain_oauth_with_account_as_user_record() {
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
fn identity_is_uuid_in_team() {
    let cloud = emulated();
    let record = json!({"account": {"uuid": "u-1", "name": "Zofia", "email": "z@c",
        "team": {"uuid": "t-1", "name": "Contoso"}}});
    let identity = cloud.identify(&record).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("u-1", "t-1"));
    assert_eq!(identity.display_name, "Zofia");
    let alone = cloud.identify(json!({"account": {"uuid": "u-1", "team": null}})).unwrap();
    assert_eq!(alone.tenant.as_str(), "127.0.0.1");
}

#[rstest]
#[case::empty(json!({}))]
#[case::no_account(json!({"uuid": "u-1"}))]
#[case::array_for_account(json!({"account": []}))]
#[case::empty_account(json!({"account": {}}))]
fn identify_refuses_user_record(#[case] record: Value) {
    assert!(emulated().identify(&record).is_err());
}

#[test]
fn projects_are_listed_page_by_page_with_links() {
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

fn links(next: &str) -> Value {
    json!({"pages": {"next": next}})
}

#[rstest]
#[case::status_401(Ok(reply(401, "{}")))]
#[case::status_403(Ok(reply(403, "")))]
#[case::status_429(Ok(reply(429, "")))]
#[case::status_500(Ok(reply(500, "")))]
#[case::not_json(ok("garbage"))]
#[case::array(ok("[]"))]
#[case::text_for_list(ok(json!({"projects": "none"})))]
#[case::link_to_itself(
    ok(json!({"projects": [], "links": links(&format!("{BASE}/v2/projects?page=2"))}))
)]
#[case::link_to_other_host(
    ok(json!({"projects": [], "links": links("https://evil.example/v2/projects")}))
)]
#[case::too_large(Err(FetchError::TooLarge))]
fn failed_second_page_adds_warning_and_keeps_first(#[case] second: Outcome) {
    let links = links(&format!("{BASE}/v2/projects?page=2"));
    let first = ok(json!({"projects": [{"id": "p-1"}, {"name": "x"}], "links": links}));
    let listed = emulated().listed([first, second]);
    assert_eq!(listed.ids(), ["p-1"]);
    assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
}

#[test]
fn permission_covers_account_and_projects_only() {
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
fn list_with_fewer_entries_than_total_has_warning() {
    let page = |total: u64| json!({"projects": [{"id": "one"}], "meta": {"total": total}});
    let listed = Cloud::<DigitalOcean>::with(&[]).listed([ok(page(3))]);
    assert_eq!(listed.ids(), ["one"]);
    assert!(listed.warnings()[0].contains("there are 3, and 1 came"), "{:?}", listed.warnings());
    for whole in [0, 1] {
        let listed = Cloud::<DigitalOcean>::with(&[]).listed([ok(page(whole))]);
        assert_eq!(listed.warnings(), [""; 0], "{whole}");
    }
}
