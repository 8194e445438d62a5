use portico_provider::{
    Url,
    provider::{Endpoints, FetchError, Method},
    serde_json::json,
    testing::{Cloud, ok, reply},
};

use super::*;

const ISSUER: &str = "http://127.0.0.1:4000/oidc";
const LIST: &str = "http://127.0.0.1:4000/oidc/api/environments";

fn oidc(more: &[(&str, &str)]) -> Cloud<Oidc> {
    Cloud::with(&[&[("issuer", ISSUER)], more].concat())
}

/// With a list as the emulator has it.
fn listing() -> Cloud<Oidc> {
    oidc(&[("list-url", LIST), ("id-pointer", "/key"), ("name-pointer", "/title")])
}

#[test]
fn people_sign_in_at_the_issuer_as_it_is_written() {
    for issuer in ["https://id.example/realm", "https://id.example/realm/", ISSUER] {
        let sign_in = Cloud::<Oidc>::with(&[("issuer", issuer)]).sign_in();
        assert_eq!(sign_in.endpoints, Endpoints::OpenId(Url::parse(issuer).unwrap()));
        assert_eq!(sign_in.scopes, ["openid", "profile", "email"]);
    }
    assert_eq!(oidc(&[("scopes", " openid  x ")]).sign_in().scopes, ["openid", "x"]);
}

#[test]
fn settings_that_are_wrong_are_named() {
    for (key, bad) in [
        ("issuer", ""),
        ("issuer", "http://id.example"),
        ("list-url", "http://list.example"),
        ("scopes", "profile"),
        ("items-pointer", "items"),
        ("next-pointer", "next"),
    ] {
        let refused = Cloud::<Oidc>::configured(&[("issuer", ISSUER), (key, bad)]).err();
        let named =
            matches!(refused, Some(ProviderError::Setting { key: named, .. }) if named == key);
        assert!(named, "{key}={bad}");
    }
}

#[test]
fn a_person_is_their_sub_at_the_issuers_host() {
    let oidc = Cloud::<Oidc>::with(&[("issuer", "https://id.example/realm")]);
    let claims = json!({"sub": "z-1", "name": "Zofia", "preferred_username": "zofia", "tid": "x"});
    let identity = oidc.identify(&claims).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("z-1", "id.example"));
    assert_eq!(identity.username.as_deref(), Some("zofia"));
    for odd in [json!({}), json!({"sub": []}), json!({"sub": ""}), json!({"sub": "a b"})] {
        assert!(oidc.identify(&odd).is_err(), "{odd}");
    }
}

#[test]
fn without_a_list_nothing_is_asked_for_and_nothing_is_amiss() {
    let listed = oidc(&[]).listed([]);
    assert_eq!((listed.asked.len(), listed.ids().len(), listed.warnings().len()), (0, 0, 0));
}

#[test]
fn a_list_is_read_where_the_pointers_say_and_links_may_be_relative() {
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
fn a_list_may_be_at_a_root_with_a_slash_or_with_a_query() {
    for url in ["https://a.example", "https://a.example/list/", "https://a.example/list?of=mine"] {
        let listed = oidc(&[("list-url", url)]).listed([
            ok(json!({"items": [{"id": "one"}], "next": "?page=2"})),
            ok(json!({"items": [{"id": "two"}]})),
        ]);
        assert_eq!(listed.ids(), ["one", "two"], "{url}");
        assert_eq!(listed.warnings(), [""; 0], "{url}");
    }
}

#[test]
fn what_goes_wrong_is_a_warning_and_the_rest_stays() {
    for second in [
        Ok(reply(401, "{}")),
        Ok(reply(403, "")),
        Ok(reply(404, "")),
        Ok(reply(429, "")),
        Ok(reply(500, "")),
        ok("garbage"),
        ok("[]"),
        ok(json!({"items": null})),
        ok(json!({"items": [], "next": LIST})),
        ok(json!({"items": [], "next": "https://evil.example/oidc/api/environments?x"})),
        ok(json!({"items": [], "next": ["x"]})),
        Err(FetchError::NotGranted),
    ] {
        let first = ok(json!({"items": [{"key": "prod"}, {"id": "x"}], "next": "?cursor=2"}));
        let listed = listing().listed([first, second]);
        assert_eq!(listed.ids(), ["prod"]);
        assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
    }
}

#[test]
fn the_permission_is_for_the_list_and_below_and_without_a_list_for_nothing() {
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
