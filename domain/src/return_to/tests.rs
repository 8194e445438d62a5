//! Which targets a login redirects to, and which become the dashboard.

use rstest::rstest;

use super::*;
use crate::apps::{AppId, ProtectedApp};

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn resolve(requested: &str) -> String {
    Destinations::new(url("http://localhost:5000"), url("https://app.example/dashboard"))
        .resolve(Some(requested))
        .url()
        .to_string()
}

/// One default dashboard and two more.
fn three_dashboards() -> Destinations {
    let first = Destinations::new(url("https://portico.example"), url("https://a.example/x"));
    first.with_dashboards([url("https://b.example/y"), url("http://localhost:3000/")])
}

#[rstest]
#[case::path("/reports?year=2026#q3", "http://localhost:5000/reports?year=2026#q3")]
#[case::dashboard("https://app.example/costs", "https://app.example/costs")]
#[case::upper_case_and_port("HTTPS://APP.EXAMPLE:443/costs", "https://app.example/costs")]
fn resolve_accepts_paths_and_urls_on_the_origin_of_the_dashboard(
    #[case] requested: &str,
    #[case] target: &str,
) {
    assert_eq!(resolve(requested), target);
}

#[rstest]
#[case::nothing(None, "https://a.example/x")]
#[case::second(Some("https://b.example/z"), "https://b.example/z")]
#[case::third(Some("http://localhost:3000/"), "http://localhost:3000/")]
#[case::another_scheme(Some("http://b.example/z"), "https://a.example/x")]
#[case::unknown(Some("https://c.example/"), "https://a.example/x")]
#[case::blob(Some("blob:https://b.example/z"), "https://a.example/x")]
fn resolve_accepts_the_origin_of_any_dashboard_and_defaults_to_the_first(
    #[case] requested: Option<&str>,
    #[case] target: &str,
) {
    assert_eq!(three_dashboards().resolve(requested).url().as_str(), target);
}

#[rstest]
#[case::deep_link("https://costs.example/a?b=c#d", "https://costs.example/a?b=c#d")]
#[case::other_port("https://costs.example:8443/", "https://a.example/x")]
#[case::other_scheme("http://costs.example/", "https://a.example/x")]
#[case::sub_domain("https://a.costs.example/", "https://a.example/x")]
#[case::user("https://z@costs.example/", "https://a.example/x")]
#[case::blob("blob:https://costs.example/1", "https://a.example/x")]
fn resolve_accepts_the_origin_of_a_protected_app(#[case] requested: &str, #[case] target: &str) {
    let apps = Apps::default();
    let destinations = three_dashboards().with_apps(apps.clone());
    assert_eq!(destinations.resolve(Some(requested)).url().as_str(), "https://a.example/x");
    let origins = vec![WebOrigin::parse("https://costs.example").unwrap()];
    apps.replace(vec![ProtectedApp::new(AppId::parse("costs").unwrap(), origins)]);
    assert_eq!(destinations.resolve(Some(requested)).url().as_str(), target);
}

#[test]
fn origins_are_portico_and_every_dashboard() {
    let origins = three_dashboards().origins();
    let origins: Vec<_> = origins.iter().map(Origin::ascii_serialization).collect();
    let expected = [
        "https://portico.example",
        "https://a.example",
        "https://b.example",
        "http://localhost:3000",
    ];
    assert_eq!(origins, expected);
}

#[rstest]
#[case::empty("")]
#[case::another_host("https://evil.example/")]
#[case::another_scheme("http://app.example/")]
#[case::another_port("https://app.example:444/")]
#[case::longer_host("https://app.example.evil.example/")]
#[case::host_as_user("https://app.example@evil.example/")]
#[case::user("https://user@app.example/")]
#[case::no_slash("https:evil.example")]
#[case::one_slash("https:/evil.example")]
#[case::scheme_and_backslashes("https:\\\\evil.example")]
#[case::two_slashes("//evil.example")]
#[case::three_slashes("///evil.example")]
#[case::two_slashes_own_host("//localhost:5000/reports")]
#[case::slash_backslash("/\\evil.example")]
#[case::backslash_slash("\\/evil.example")]
#[case::two_backslashes("\\\\evil.example")]
#[case::tab_between_slashes("/\t/evil.example")]
#[case::leading_tab("\t//evil.example")]
#[case::leading_space(" //evil.example")]
#[case::line_break("/\r\nSet-Cookie: a=b")]
#[case::space("/a b")]
#[case::javascript("javascript:alert(1)")]
#[case::data("data:text/html,x")]
#[case::blob("blob:https://app.example/x")]
#[case::relative("dashboard")]
#[case::query_only("?x")]
#[case::too_long(&format!("/{}", "a".repeat(MAX_RETURN_TO)))]
#[case::too_long_when_encoded(&format!("/{}", "\"".repeat(MAX_RETURN_TO / 2)))]
fn resolve_replaces_any_other_target_with_the_dashboard(#[case] requested: &str) {
    assert_eq!(resolve(requested), "https://app.example/dashboard");
}

#[rstest]
#[case::dot("/.//evil.example")]
#[case::parent("/../../evil.example")]
#[case::encoded("/%2f%2fevil.example")]
fn resolve_keeps_a_path_on_the_origin_of_portico(#[case] requested: &str) {
    assert!(resolve(requested).starts_with("http://localhost:5000/"));
}
