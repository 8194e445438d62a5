use portico_provider::{
    provider::{Endpoints, FetchError, Method},
    serde_json::json,
    testing::{Cloud, ok, reply},
};

use super::*;

const START: &str = "https://d-1234567890.awsapps.com/start";

fn aws(more: &[(&str, &str)]) -> Cloud<Aws> {
    let all = [&[("region", "eu-central-1"), ("start-url", START)], more].concat();
    Cloud::with(&all)
}

#[test]
fn it_is_connected_at_the_endpoints_of_its_region_and_signs_nobody_in() {
    let aws = aws(&[]);
    assert_eq!(aws.descriptor().people, None);
    let sign_in = aws.sign_in();
    let Endpoints::Plain(plain) = &sign_in.endpoints else { panic!() };
    assert_eq!(plain.issuer.as_str(), START);
    assert_eq!(plain.authorization.as_str(), "https://oidc.eu-central-1.amazonaws.com/authorize");
    assert_eq!(plain.token.as_str(), "https://oidc.eu-central-1.amazonaws.com/token");
    assert_eq!(sign_in.user_records, []);
    assert_eq!(sign_in.token_encoding, TokenEncoding::JsonCamelCase);
    assert_eq!(sign_in.parameters, [("scopes".into(), SCOPE.into())]);
}

#[test]
fn a_region_is_a_part_of_a_host_and_settings_that_are_wrong_are_named() {
    for bad in ["evil.example/", "x/", "x:1", "x@y", "a b", "a..b", "ż", "{region}"] {
        let refused = Cloud::<Aws>::configured(&[("region", bad), ("start-url", START)]);
        let key = match refused.err().unwrap() {
            ProviderError::Setting { key, .. } => key,
            other => panic!("{other}"),
        };
        assert_eq!(key, "region", "{bad}");
    }
    for bad in ["http://a.example", "https://a.example/#/start", "https://u@a.example"] {
        let refused = Cloud::<Aws>::configured(&[("region", "eu"), ("start-url", bad)]);
        let key = match refused.err().unwrap() {
            ProviderError::Setting { key, .. } => key,
            other => panic!("{other}"),
        };
        assert_eq!(key, "start-url", "{bad}");
    }
    assert!(Cloud::<Aws>::configured(&[("region", "eu")]).is_err());
    assert!(Cloud::<Aws>::configured(&[("start-url", START)]).is_err());
}

#[test]
fn accounts_are_listed_page_by_page_by_token() {
    let emulator = aws(&[("portal-url", "http://127.0.0.1:4000/aws")]);
    let listed = emulator.listed([
        ok(json!({"accountList": [{"accountId": "012345678901", "accountName": "Shop"}],
            "nextToken": "b"})),
        ok(json!({"accountList": [{"accountId": "112345678901"}], "nextToken": null})),
    ]);
    let list = "http://127.0.0.1:4000/aws/assignment/accounts?max_result=100";
    assert_eq!(listed.urls(), [list, &format!("{list}&next_token=b")]);
    assert_eq!(listed.ids(), ["012345678901", "112345678901"]);
    assert_eq!(listed.listing.subscriptions[0].display_name, "Shop");
    assert_eq!(listed.warnings(), [""; 0]);
}

#[test]
fn what_goes_wrong_is_a_warning_and_the_rest_stays() {
    let first = || ok(json!({"accountList": [{"accountId": "0"}, {}], "nextToken": "b"}));
    for second in [
        Ok(reply(401, "{}")),
        Ok(reply(403, "")),
        Ok(reply(429, "")),
        Ok(reply(500, "")),
        ok("garbage"),
        ok("{}"),
        ok(json!({"accountList": {}})),
        ok(json!({"accountList": [], "nextToken": "b"})),
        ok(json!({"accountList": [], "nextToken": {}})),
        Err(FetchError::NoToken),
    ] {
        let listed = aws(&[]).listed([first(), second]);
        assert_eq!(listed.ids(), ["0"]);
        assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
    }
}

#[test]
fn its_token_goes_in_a_header_of_its_own_to_the_portal_alone() {
    let aws = aws(&[]);
    let permission = &aws.descriptor().permissions[0];
    assert_eq!(permission.placement, Placement::Header("x-amz-sso_bearer_token".into()));
    let covers = |url: &str| permission.covers(Method::Get, &Url::parse(url).unwrap());
    assert!(covers("https://portal.sso.eu-central-1.amazonaws.com/assignment/accounts"));
    assert!(!covers("https://portal.sso.eu-west-1.amazonaws.com/assignment/accounts"));
    assert!(!covers("https://portal.sso.eu-central-1.amazonaws.com/federation/credentials"));
    assert!(!covers("https://oidc.eu-central-1.amazonaws.com/assignment/accounts"));
}
