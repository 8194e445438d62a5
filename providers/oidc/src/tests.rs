use portico_provider::{
    Url,
    provider::{Endpoints, FetchError, Method},
    serde_json::json,
    testing::{Cloud, Outcome, ok, reply},
};
use rstest::rstest;

use super::*;

const ISSUER: &str = "http://127.0.0.1:4000/oidc";
const LIST: &str = "http://127.0.0.1:4000/oidc/api/environments";

fn oidc(more: &[(&str, &str)]) -> Cloud<Oidc> {
    Cloud::with(&[&[("issuer", ISSUER)], more].concat())
}

/// With the list of the emulator.
fn listing() -> Cloud<Oidc> {
    oidc(&[("list-url", LIST), ("id-pointer", "/key"), ("name-pointer", "/title")])
}

#[test]
fn sign_in_has_issuer_unchanged_and_configured_scopes() {
    for issuer in ["https://id.example/realm", "https://id.example/realm/", ISSUER] {
        let sign_in = Cloud::<Oidc>::with(&[("issuer", issuer)]).sign_in();
        assert_eq!(sign_in.endpoints, Endpoints::OpenId(Url::parse(issuer).unwrap()));
        assert_eq!(sign_in.scopes, ["openid", "profile", "email"]);
    }
    assert_eq!(oidc(&[("scopes", " openid  x ")]).sign_in().scopes, ["openid", "x"]);
}

#[rstest]
#[case::missing_issuer("issuer", "")]
#[case::http_issuer("issuer", "http://id.example")]
#[case::http_list("list-url", "http://list.example")]
#[case::scopes_without_openid("scopes", "profile")]
#[case::items_pointer_without_slash("items-pointer", "items")]
#[case::next_pointer_without_slash("next-pointer", "next")]
fn configured_refuses_and_names_setting(#[case] key: &str, #[case] value: &str) {
    let refused = Cloud::<Oidc>::configured(&[("issuer", ISSUER), (key, value)]).err();
    assert!(matches!(refused, Some(ProviderError::Setting { key: named, .. }) if named == key));
}

#[test]
fn identity_is_sub_at_issuer_host() {
    let oidc = Cloud::<Oidc>::with(&[("issuer", "https://id.example/realm")]);
    let claims = json!({"sub": "z-1", "name": "Zofia", "preferred_username": "zofia", "tid": "x"});
    let identity = oidc.identify(&claims).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("z-1", "id.example"));
    assert_eq!(identity.username.as_deref(), Some("zofia"));
    for claims in [json!({}), json!({"sub": []}), json!({"sub": ""}), json!({"sub": "a b"})] {
        assert!(oidc.identify(&claims).is_err(), "{claims}");
    }
}

#[test]
fn listing_without_list_is_empty_without_request_and_warning() {
    let listed = oidc(&[]).listed([]);
    assert_eq!((listed.asked.len(), listed.ids().len(), listed.warnings().len()), (0, 0, 0));
}

#[test]
fn list_is_read_by_configured_pointers_with_relative_links() {
    let second = format!("{LIST}?cursor=2");
    let listed = listing().listed([
        ok(json!({"items": [{"key": "prod", "title": "Production"}], "next": second})),
        ok(json!({"items": [{"key": 7, "title": 7}], "next": "?cursor=3"})),
        ok(json!({"items": [], "next": null})),
    ]);
    assert_eq!(listed.urls(), [LIST, &second, &format!("{LIST}?cursor=3")]);
    assert_eq!(listed.ids(), ["prod", "7"]);
    assert_eq!(listed.listing.subscriptions[0].display_name, "Production");
    assert_eq!(listed.warnings(), [""; 0]);
}

#[test]
fn list_url_may_have_no_path_a_trailing_slash_or_a_query() {
    for url in ["https://a.example", "https://a.example/list/", "https://a.example/list?of=mine"] {
        let listed = oidc(&[("list-url", url)]).listed([
            ok(json!({"items": [{"id": "one"}], "next": "?page=2"})),
            ok(json!({"items": [{"id": "two"}]})),
        ]);
        assert_eq!(listed.ids(), ["one", "two"], "{url}");
        assert_eq!(listed.warnings(), [""; 0], "{url}");
    }
}

#[rstest]
#[case::status_401(Ok(reply(401, "{}")))]
#[case::status_403(Ok(reply(403, "")))]
#[case::status_404(Ok(reply(404, "")))]
#[case::status_429(Ok(reply(429, "")))]
#[case::status_500(Ok(reply(500, "")))]
#[case::not_json(ok("garbage"))]
#[case::array(ok("[]"))]
#[case::null_for_list(ok(json!({"items": null})))]
#[case::link_to_first_page(ok(json!({"items": [], "next": LIST})))]
#[case::link_to_other_host(
    ok(json!({"items": [], "next": "https://evil.example/oidc/api/environments?x"}))
)]
#[case::array_for_link(ok(json!({"items": [], "next": ["x"]})))]
#[case::not_permitted(Err(FetchError::NotGranted))]
fn failed_second_page_adds_warning_and_keeps_first(#[case] second: Outcome) {
    let first = ok(json!({"items": [{"key": "prod"}, {"id": "x"}], "next": "?cursor=2"}));
    let listed = listing().listed([first, second]);
    assert_eq!(listed.ids(), ["prod"]);
    assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
}

#[test]
fn permission_covers_the_list_and_below_and_nothing_without_list() {
    let covers = |cloud: &Cloud<Oidc>, url: &str| {
        let permission = &cloud.descriptor().permissions[0];
        permission.covers(Method::Get, &Url::parse(url).unwrap())
    };
    let listing = listing();
    assert!(covers(&listing, LIST) && covers(&listing, &format!("{LIST}/1?x")));
    assert!(!covers(&listing, &format!("{LIST}-evil")));
    assert!(!covers(&listing, "http://127.0.0.1:4000/oidc/api"));
    assert!(!covers(&listing, "http://127.0.0.1:4000/oidc/token"));
    assert!(!covers(&oidc(&[]), LIST));
}
