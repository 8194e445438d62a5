//! The list of protected apps.

use rstest::rstest;

use super::*;

fn app(id: &str, origins: &[&str]) -> ProtectedApp {
    let origins = origins.iter().map(|text| WebOrigin::parse(text).unwrap()).collect();
    ProtectedApp::new(AppId::parse(id).unwrap(), origins)
}

fn found(apps: &Apps, origin: &str) -> Option<String> {
    apps.at(&WebOrigin::parse(origin).unwrap()).map(|app| app.id.to_string())
}

#[rstest]
#[case::one_letter("a")]
#[case::digits("app-2")]
#[case::longest(&"a".repeat(40))]
fn app_id_accepts(#[case] text: &str) {
    assert_eq!(AppId::parse(text).unwrap().as_str(), text);
}

#[rstest]
#[case::empty("")]
#[case::upper_case("App")]
#[case::begins_with_a_digit("2app")]
#[case::begins_with_a_hyphen("-app")]
#[case::path("a/b")]
#[case::other_letter("ä")]
#[case::too_long(&"a".repeat(41))]
fn app_id_refuses(#[case] text: &str) {
    assert_eq!(AppId::parse(text), Err(InvalidAppId));
}

#[test]
fn at_finds_the_app_by_each_of_its_origins() {
    let apps = Apps::new(vec![
        app("costs", &["https://costs.example", "https://costs.example:8443"]),
        app("reports", &["https://reports.example"]),
    ]);
    assert_eq!(found(&apps, "https://costs.example").as_deref(), Some("costs"));
    assert_eq!(found(&apps, "https://costs.example:8443").as_deref(), Some("costs"));
    assert_eq!(found(&apps, "https://reports.example").as_deref(), Some("reports"));
    assert_eq!(found(&apps, "https://reports.example:8443"), None);
    assert_eq!(apps.all().len(), 2);
}

#[test]
fn replacement_is_seen_by_clones() {
    let apps = Apps::new(vec![app("costs", &["https://costs.example"])]);
    let clone = apps.clone();
    apps.replace(vec![app("reports", &["https://reports.example"])]);
    assert_eq!(found(&clone, "https://costs.example"), None);
    assert_eq!(found(&clone, "https://reports.example").as_deref(), Some("reports"));
}

#[test]
fn conflicts_names_apps_that_share_an_id_or_an_origin() {
    let apps = [
        app("costs", &["https://costs.example", "https://costs.example"]),
        app("reports", &["https://reports.example", "https://costs.example"]),
        app("costs", &["https://other.example"]),
    ];
    let found: Vec<_> = conflicts(&apps).iter().map(ToString::to_string).collect();
    let expected = [
        "the apps costs and reports both claim the origin https://costs.example: an origin leads to \
         one app",
        "there are two apps with the id costs: an id names one app",
    ];
    assert_eq!(found, expected);
    assert_eq!(conflicts(&apps[..1]), []);
}
