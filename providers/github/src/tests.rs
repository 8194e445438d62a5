use portico_provider::{
    identity::Identity,
    listing::{Repair, TenantState},
    provider::{Endpoints, FetchError, Method},
    serde_json::{Value, json},
    testing::{Cloud, Outcome, ok, person, reply},
};

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

#[test]
fn people_sign_in_at_the_server_and_their_record_is_at_its_api() {
    for (settings, issuer, record) in [
        (&[][..], "https://github.com/login/oauth", "https://api.github.com/user"),
        (
            &[("url", "https://ghe.example/"), ("api-url", "https://ghe.example/api/v3")],
            "https://ghe.example/login/oauth",
            "https://ghe.example/api/v3/user",
        ),
        (
            &EMULATOR,
            "http://127.0.0.1:4000/github/login/oauth",
            "http://127.0.0.1:4000/github/api/user",
        ),
    ] {
        let sign_in = Cloud::<GitHub>::with(settings).sign_in();
        let Endpoints::Plain(plain) = &sign_in.endpoints else { panic!() };
        assert_eq!(plain.issuer.as_str(), issuer);
        assert_eq!(plain.authorization.as_str(), format!("{issuer}/authorize"));
        assert_eq!(plain.token.as_str(), format!("{issuer}/access_token"));
        assert_eq!(sign_in.user_records[0].url.as_str(), record);
        assert_eq!(sign_in.user_records[0].headers, [(ACCEPT.0.into(), ACCEPT.1.into())]);
    }
}

#[test]
fn a_person_is_their_number_at_the_servers_host() {
    let github = Cloud::<GitHub>::with(&[]);
    let user = json!({"id": 583_231, "login": "zofia", "name": "Zofia Nowak"});
    let identity = github.identify(&user).unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("583231", "github.com"));
    assert_eq!(identity.username.as_deref(), Some("zofia"));
    let nameless = github.identify(json!({"id": 1, "login": "zofia", "name": null})).unwrap();
    assert_eq!(nameless.display_name, "zofia");
    for odd in [json!({}), json!({"id": 1.5}), json!({"id": null}), json!({"login": "zofia"})] {
        assert!(github.identify(&odd).is_err(), "{odd}");
    }
}

#[test]
fn the_user_comes_first_and_then_every_page_of_organisations() {
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
fn who_has_no_login_is_not_listed_themselves() {
    let identity = Identity { username: None, ..person().identity };
    let nameless = Person { identity, ..person() };
    let listed = emulated().list(&nameless, |_| ok("[]"));
    assert_eq!((listed.ids().len(), listed.warnings().len()), (0, 0));
}

#[test]
fn a_link_to_another_host_or_in_a_circle_is_not_followed() {
    let evil = "https://evil.example/github/api/user/orgs?page=2";
    for next in [LIST, evil, "http://127.0.0.1:4000/github/api/user", "//evil.example/"] {
        let listed = emulated().listed([page_before(&json!([{"login": "contoso"}]), next)]);
        assert_eq!(listed.ids(), ["zofia", "contoso"], "{next}");
        assert!(listed.warnings()[0].contains("not followed"), "{next}");
    }
}

#[test]
fn what_goes_wrong_is_a_warning_and_the_user_stays() {
    for outcome in [
        Ok(reply(401, "{}")),
        Ok(reply(403, "")),
        Ok(reply(404, "")),
        Ok(reply(429, "")),
        Ok(reply(502, "<html>")),
        ok("garbage"),
        ok("{}"),
        ok("null"),
        ok(json!([{}, 7, {"login": ["x"]}])),
        Err(FetchError::Unreachable),
    ] {
        let listed = emulated().listed([outcome]);
        assert_eq!(listed.ids(), ["zofia"]);
        assert_eq!(listed.warnings().len(), 1, "{:?}", listed.warnings());
    }
}

#[test]
fn the_permission_reads_the_user_and_nothing_beside() {
    let github = emulated();
    let permission = &github.descriptor().permissions[0];
    let covers = |method, url: &str| permission.covers(method, &Url::parse(url).unwrap());
    assert!(covers(Method::Get, LIST));
    assert!(!covers(Method::Post, LIST));
    assert!(!covers(Method::Get, "http://127.0.0.1:4000/github/api/repos"));
    assert!(!covers(Method::Get, "http://127.0.0.1:4000/user"));
    assert!(!covers(Method::Get, "https://api.github.com/user"));
}

fn with_sso(status: u16, body: &Value, value: &str) -> Outcome {
    let mut reply = reply(status, body);
    reply.headers = vec![("X-GitHub-SSO".into(), value.into())];
    Ok(reply)
}

#[test]
fn organisations_that_want_their_single_sign_on_are_named_with_a_link() {
    let value = "partial-results; organizations=21955855,20582480";
    let page = json!([{"login": "contoso", "id": 1}, {"login": "labs", "id": 20582480}]);
    let listed = Cloud::<GitHub>::with(&[]).listed([with_sso(200, &page, value)]);
    assert_eq!(listed.ids(), ["zofia", "contoso", "labs"]);
    let [warning] = listed.warnings() else { panic!("{:?}", listed.warnings()) };
    assert!(warning.contains("organisation 21955855, labs"), "{warning}");
    assert!(warning.contains("https://github.com/settings/organizations"), "{warning}");
    let tenants = &listed.listing.tenants;
    let named: Vec<_> = tenants.iter().map(|it| (it.id.as_str(), it.repair.clone())).collect();
    let link = |path: &str| Some(Repair::Link(format!("https://github.com{path}")));
    assert_eq!(
        named,
        [("21955855", link("/settings/organizations")), ("20582480", link("/orgs/labs/sso"))]
    );
    assert!(tenants.iter().all(|it| it.state == TenantState::WantsConsent));
}

#[test]
fn a_header_that_says_less_than_it_should_is_told_and_one_of_another_kind_is_not() {
    let warned = |value: &str| {
        let listed = emulated().listed([with_sso(200, &json!([]), value)]);
        (listed.warnings().len(), listed.listing.tenants.len())
    };
    assert_eq!(warned("partial-results"), (1, 0));
    assert_eq!(warned("PARTIAL-RESULTS; Organizations=\"7\""), (1, 1));
    assert_eq!(warned("partial-results; organizations=a,-1,7,7"), (1, 1));
    assert_eq!(warned("partial-results; organizations=;x"), (1, 0));
    for other in ["", "something-else; organizations=7", "required; url=https://github.com/x"] {
        assert_eq!(warned(other), (0, 0), "{other}");
    }
    // The emulator is not on TLS: no link that the host would refuse.
    let listed = emulated().listed([with_sso(200, &json!([]), "partial-results; organizations=7")]);
    assert_eq!(listed.listing.tenants[0].repair, None);
}

#[test]
fn a_list_that_is_refused_for_single_sign_on_says_where_and_leads_nowhere_else() {
    let listed = |value: &str| {
        let listed = Cloud::<GitHub>::with(&[]).listed([with_sso(403, &json!({}), value)]);
        listed.warnings()[0].clone()
    };
    let place = "https://github.com/orgs/octodocs-test/sso?authorization_request=AZSC";
    assert!(listed(&format!("required; url={place}")).contains(&format!("at {place},")));
    for elsewhere in [
        "required; url=https://evil.example/sso",
        "required; url=https://github.com@evil.example/sso",
        "required; url=http://github.com/sso",
        "required",
    ] {
        let warning = listed(elsewhere);
        assert!(warning.contains("at https://github.com/settings/organizations,"), "{warning}");
    }
    assert!(listed("other; url=x").contains("status 403"));
}
