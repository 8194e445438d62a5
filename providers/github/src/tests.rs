mod single_sign_on;

use portico_provider::{
    identity::Identity,
    listing::{Repair, TenantState},
    provider::{Endpoints, FetchError, Method},
    serde_json::{Value, json},
    testing::{Cloud, Outcome, ok, person, reply},
};
use rstest::rstest;

use super::*;

const EMULATOR: [(&str, &str); 2] =
    [("url", "http://127.0.0.1:4000/github"), ("api-url", "http://127.0.0.1:4000/github/api")];
const LIST: &str = "http://127.0.0.1:4000/github/api/user/orgs?per_page=100";

fn emulated() -> Cloud<GitHub> {
    Cloud::with(&EMULATOR)
}

fn page_before(body: &Value, next: &str) -> Outcome {
    let mut page = reply(200, body);
    page.headers = vec![("link".into(), format!("<{next}>; rel=\"next\", <x>; rel=\"last\""))];
    Ok(page)
}

#[rstest]
#[case::default(&[], "https://github.com/login/oauth", "https://api.github.com/user")]
#[case::enterprise_server(
    &[("url", "https://ghe.example/"), ("api-url", "https://ghe.example/api/v3")],
    "https://ghe.example/login/oauth",
    "https://ghe.example/api/v3/user"
)]
#[case::emulator(
    &EMULATOR,
    "http://127.0.0.1:4000/github/login/oauth",
    "http://127.0.0.1:4000/github/api/user"
)]
fn sign_in_has_endpoints_of_the_site_and_user_record_of_the_api(
    #[case] settings: &[(&str, &str)],
    #[case] issuer: &str,
    #[case] record: &str,
) {
    let sign_in = Cloud::<GitHub>::with(settings).sign_in();
    let Endpoints::Plain(plain) = &sign_in.endpoints else { panic!() };
    assert_eq!(plain.issuer.as_str(), issuer);
    assert_eq!(plain.authorization.as_str(), format!("{issuer}/authorize"));
    assert_eq!(plain.token.as_str(), format!("{issuer}/access_token"));
    assert_eq!(sign_in.user_records[0].url.as_str(), record);
    assert_eq!(sign_in.user_records[0].headers, [(ACCEPT.0.into(), ACCEPT.1.into())]);
}

#[test]
fn identity_is_numeric_id_at_the_site_host() {
    let github = Cloud::<GitHub>::with(&[]);
    let user = json!({"id": 583_231, "login": "zofia", "name": "Zofia Nowak"});
    let identity = github.identify(&user).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("583231", "github.com"));
    assert_eq!(identity.username.as_deref(), Some("zofia"));
    let nameless = github.identify(json!({"id": 1, "login": "zofia", "name": null})).unwrap();
    assert_eq!(nameless.display_name, "zofia");
}

#[rstest]
#[case::empty(json!({}))]
#[case::fraction(json!({"id": 1.5}))]
#[case::null(json!({"id": null}))]
#[case::login_only(json!({"login": "zofia"}))]
fn identify_refuses_user_record(#[case] record: Value) {
    assert!(Cloud::<GitHub>::with(&[]).identify(&record).is_err());
}

#[test]
fn listing_has_user_first_and_then_all_organisations() {
    let next = "http://127.0.0.1:4000/github/api/user/orgs?per_page=100&page=2";
    let listed = emulated().listed([
        page_before(&json!([{"login": "contoso", "id": 1}, {"login": "labs"}]), next),
        ok(json!([{"login": "labs"}, {"login": "warsaw"}])),
    ]);
    assert_eq!(listed.urls(), [LIST, next]);
    assert_eq!(listed.ids(), ["zofia", "contoso", "labs", "warsaw"]);
    assert_eq!(listed.listing.subscriptions[0].display_name, "zofia (personal)");
    assert_eq!(listed.asked[1].headers, [(ACCEPT.0.into(), ACCEPT.1.into())]);
    assert_eq!(listed.warnings(), [""; 0]);
}

#[test]
fn listing_omits_user_without_login() {
    let identity = Identity { username: None, ..person().identity };
    let nameless = Person { identity, ..person() };
    let listed = emulated().list(&nameless, |_| ok("[]"));
    assert_eq!((listed.ids().len(), listed.warnings().len()), (0, 0));
}

#[test]
fn link_to_other_host_or_path_or_same_page_is_not_followed() {
    let evil = "https://evil.example/github/api/user/orgs?page=2";
    for next in [LIST, evil, "http://127.0.0.1:4000/github/api/user", "//evil.example/"] {
        let listed = emulated().listed([page_before(&json!([{"login": "contoso"}]), next)]);
        assert_eq!(listed.ids(), ["zofia", "contoso"], "{next}");
        assert!(listed.warnings()[0].contains("not followed"), "{next}");
    }
}

#[rstest]
#[case::status_401(Ok(reply(401, "{}")))]
#[case::status_403(Ok(reply(403, "")))]
#[case::status_404(Ok(reply(404, "")))]
#[case::status_429(Ok(reply(429, "")))]
#[case::status_502(Ok(reply(502, "<html>")))]
#[case::not_json(ok("garbage"))]
#[case::object(ok("{}"))]
#[case::null(ok("null"))]
#[case::invalid_entries(ok(json!([{}, 7, {"login": ["x"]}])))]
#[case::unreachable(Err(FetchError::Unreachable))]
fn failed_page_adds_warning_and_keeps_user(#[case] outcome: Outcome) {
    let listed = emulated().listed([outcome]);
    assert_eq!(listed.ids(), ["zofia"]);
    assert_eq!(listed.warnings().len(), 1, "{:?}", listed.warnings());
}

#[test]
fn permission_covers_the_user_only() {
    let github = emulated();
    let permission = &github.descriptor().permissions[0];
    let covers = |method, url: &str| permission.covers(method, &Url::parse(url).unwrap());
    assert!(covers(Method::Get, LIST));
    assert!(!covers(Method::Post, LIST));
    assert!(!covers(Method::Get, "http://127.0.0.1:4000/github/api/repos"));
    assert!(!covers(Method::Get, "http://127.0.0.1:4000/user"));
    assert!(!covers(Method::Get, "https://api.github.com/user"));
}
