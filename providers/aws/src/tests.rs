use portico_provider::{
    provider::{Endpoints, FetchError, Method},
    serde_json::json,
    testing::{Cloud, Outcome, ok, reply},
};
use rstest::rstest;

use super::*;

const START: &str = "https://d-1234567890.awsapps.com/start";

fn aws(more: &[(&str, &str)]) -> Cloud<Aws> {
    let all = [&[("region", "eu-central-1"), ("start-url", START)], more].concat();
    Cloud::with(&all)
}

#[test]
fn sign_in_has_endpoints_of_the_region_and_no_subject_mapping() {
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

/// The key of the setting for which these are refused.
fn refused_key(settings: &[(&str, &str)]) -> String {
    match Cloud::<Aws>::configured(settings).err().unwrap() {
        ProviderError::Setting { key, .. } => key,
        other => panic!("{other}"),
    }
}

#[rstest]
#[case::host_and_path("evil.example/")]
#[case::path("x/")]
#[case::port("x:1")]
#[case::user("x@y")]
#[case::space("a b")]
#[case::empty_label("a..b")]
#[case::not_ascii("ż")]
#[case::placeholder("{region}")]
fn configured_refuses_region(#[case] region: &str) {
    assert_eq!(refused_key(&[("region", region), ("start-url", START)]), "region");
}

#[rstest]
#[case::http("http://a.example")]
#[case::fragment("https://a.example/#/start")]
#[case::user("https://u@a.example")]
fn configured_refuses_start_url(#[case] url: &str) {
    assert_eq!(refused_key(&[("region", "eu"), ("start-url", url)]), "start-url");
}

#[test]
fn configured_requires_region_and_start_url() {
    assert_eq!(refused_key(&[("region", "eu")]), "start-url");
    assert_eq!(refused_key(&[("start-url", START)]), "region");
}

#[test]
fn accounts_are_listed_page_by_page_with_token() {
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

#[rstest]
#[case::status_401(Ok(reply(401, "{}")))]
#[case::status_403(Ok(reply(403, "")))]
#[case::status_429(Ok(reply(429, "")))]
#[case::status_500(Ok(reply(500, "")))]
#[case::not_json(ok("garbage"))]
#[case::no_list(ok("{}"))]
#[case::object_for_list(ok(json!({"accountList": {}})))]
#[case::same_token(ok(json!({"accountList": [], "nextToken": "b"})))]
#[case::object_for_token(ok(json!({"accountList": [], "nextToken": {}})))]
#[case::no_token(Err(FetchError::NoToken))]
fn failed_second_page_adds_warning_and_keeps_first(#[case] second: Outcome) {
    let first = ok(json!({"accountList": [{"accountId": "0"}, {}], "nextToken": "b"}));
    let listed = aws(&[]).listed([first, second]);
    assert_eq!(listed.ids(), ["0"]);
    assert_eq!(listed.warnings().len(), 2, "{:?}", listed.warnings());
}

#[test]
fn permission_places_token_in_aws_header_and_covers_the_portal_only() {
    let aws = aws(&[]);
    let permission = &aws.descriptor().permissions[0];
    assert_eq!(permission.placement, Placement::Header("x-amz-sso_bearer_token".into()));
    let covers = |url: &str| permission.covers(Method::Get, &Url::parse(url).unwrap());
    assert!(covers("https://portal.sso.eu-central-1.amazonaws.com/assignment/accounts"));
    assert!(!covers("https://portal.sso.eu-west-1.amazonaws.com/assignment/accounts"));
    assert!(!covers("https://portal.sso.eu-central-1.amazonaws.com/federation/credentials"));
    assert!(!covers("https://oidc.eu-central-1.amazonaws.com/assignment/accounts"));
}
