use rstest::rstest;

use super::*;

fn permission(host: &str) -> Permission {
    Permission {
        name: "list".into(),
        why: "to list".into(),
        principal: Principal::Application,
        scopes: vec![],
        hosts: vec![host.into()],
        paths: vec!["/subscriptions".into()],
        methods: vec![Method::Get],
        placement: Placement::Bearer,
        request_headers: vec![],
        reply_headers: vec![],
        secret_headers: vec![],
    }
}

fn covers(host: &str, url: &str) -> bool {
    permission(host).covers(Method::Get, &Url::parse(url).unwrap())
}

const AZURE: &str = "management.azure.com";

#[rstest]
#[case::with_query("https://management.azure.com/subscriptions?api-version=1")]
#[case::below_path("https://management.azure.com/subscriptions/1")]
fn covers_is_true_below_its_path(#[case] url: &str) {
    assert!(covers(AZURE, url));
}

#[rstest]
#[case::host_as_prefix("https://management.azure.com.evil.example/subscriptions")]
#[case::other_host("https://evil.example/subscriptions")]
#[case::other_port("https://management.azure.com:8443/subscriptions")]
#[case::other_path("https://management.azure.com/tenants")]
#[case::path_as_prefix("https://management.azure.com/subscriptions-evil")]
#[case::dot_segment("https://management.azure.com/subscriptions/../tenants")]
#[case::encoded_dots("https://management.azure.com/subscriptions/%2e%2e/tenants")]
#[case::encoded_slash("https://management.azure.com/subscriptions/..%2ftenants")]
#[case::empty_parameter("https://management.azure.com/subscriptions/..;/tenants")]
#[case::parameter("https://management.azure.com/subscriptions/..;a=b/tenants")]
#[case::encoded_parameter("https://management.azure.com/subscriptions/..%3Ba/tenants")]
#[case::backslash("x://management.azure.com/subscriptions/..\\tenants")]
fn covers_is_false_outside_hosts_and_paths(#[case] url: &str) {
    assert!(!covers(AZURE, url));
}

#[test]
fn wildcard_covers_hosts_below_the_domain_only() {
    assert!(covers("*.aws.example", "https://portal.eu.aws.example/subscriptions"));
    assert!(!covers("*.aws.example", "https://aws.example/subscriptions"));
    assert!(!covers("*.aws.example", "https://evilaws.example/subscriptions"));
}

#[test]
fn covers_is_false_for_undeclared_method() {
    let url = Url::parse("https://management.azure.com/subscriptions").unwrap();
    let permission = permission("management.azure.com");
    assert!(permission.covers(Method::Get, &url));
    assert!(!permission.covers(Method::Post, &url));
}

#[rstest]
#[case::below_base("http://127.0.0.1:4000/x/subscriptions", true)]
#[case::deeper("http://127.0.0.1:4000/x/subscriptions/1", true)]
#[case::without_base("http://127.0.0.1:4000/subscriptions", false)]
#[case::base_as_prefix("http://127.0.0.1:4000/xsubscriptions", false)]
#[case::dot_segments("http://127.0.0.1:4000/x/subscriptions/../../y", false)]
#[case::other_path("http://127.0.0.1:4000/x/tenants", false)]
#[case::other_port("http://127.0.0.1:4001/x/subscriptions", false)]
fn host_placeholder_covers_address_of_setting(#[case] url: &str, #[case] expected: bool) {
    let settings = Settings::from_iter([("arm", "http://127.0.0.1:4000/x/")]);
    let filled = permission("{arm}").with_settings(&settings);
    assert_eq!(filled.covers(Method::Get, &Url::parse(url).unwrap()), expected);
}

#[test]
fn with_settings_keeps_host_placeholder_without_setting() {
    let unfilled = permission("{arm}").with_settings(&Settings::default());
    assert_eq!(unfilled.hosts, ["{arm}"]);
}

#[rstest]
#[case::label("eu-west-1", "portal.eu-west-1.aws.example")]
#[case::path("evil.example/", "portal.{region}.aws.example")]
#[case::port("x:8443", "portal.{region}.aws.example")]
#[case::wildcard("*", "portal.{region}.aws.example")]
#[case::empty("", "portal.{region}.aws.example")]
#[case::empty_label("a..b", "portal.{region}.aws.example")]
#[case::user("x@y", "portal.{region}.aws.example")]
#[case::placeholder("{region}", "portal.{region}.aws.example")]
fn with_settings_fills_part_of_host_with_labels_only(#[case] region: &str, #[case] expected: &str) {
    let settings = Settings::from_iter([("region", region)]);
    let filled = permission("portal.{region}.aws.example").with_settings(&settings);
    assert_eq!(filled.hosts, [expected]);
}

#[test]
fn with_settings_fills_scope_without_trailing_slash() {
    let settings = Settings::from_iter([("arm", "https://arm.example/"), ("x", "{arm}")]);
    let mut permission = permission("arm.example");
    permission.scopes = ["{arm}/.default", "openid", "{x}-{none}/{", "{}"].map(String::from).into();
    let filled = permission.with_settings(&settings);
    let expected = ["https://arm.example/.default", "openid", "{arm}-{none}/{", "{}"];
    assert_eq!(filled.scopes, expected);
}
