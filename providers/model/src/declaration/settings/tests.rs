use rstest::rstest;

use super::*;

fn spec(key: &str, kind: FieldKind, required: bool, default: Option<&str>) -> SettingSpec {
    SettingSpec {
        key: key.into(),
        label: key.into(),
        help: "Ask whoever knows.".into(),
        kind,
        required,
        default: default.map(Into::into),
    }
}

fn completed(pairs: &[(&str, &str)], spec: SettingSpec) -> Result<Settings, ProviderError> {
    Settings::from_iter(pairs.iter().copied()).complete(&[spec])
}

#[test]
fn complete_takes_default_for_missing_or_empty_value() {
    let region = || spec("region", FieldKind::Text, true, Some("eu"));
    assert_eq!(completed(&[], region()).unwrap().get("region"), Some("eu"));
    assert_eq!(completed(&[("region", "")], region()).unwrap().get("region"), Some("eu"));
    assert_eq!(completed(&[("region", "us")], region()).unwrap().get("region"), Some("us"));
}

#[test]
fn complete_fills_default_with_earlier_settings() {
    let region = spec("region", FieldKind::Text, false, None);
    let url = spec("url", FieldKind::Url, false, Some("https://oidc.{region}.example"));
    let of = |pairs: &[(&str, &str)]| {
        let settings = Settings::from_iter(pairs.iter().copied());
        let complete = settings.complete(&[region.clone(), url.clone()]).unwrap();
        complete.get("url").map(str::to_owned)
    };
    assert_eq!(of(&[("region", "eu")]).as_deref(), Some("https://oidc.eu.example"));
    let both = [("region", "eu"), ("url", "https://a.example")];
    assert_eq!(of(&both).as_deref(), Some("https://a.example"));
    assert_eq!(of(&[]), None);
}

#[rstest]
#[case::path("evil.example/")]
#[case::port("x:1")]
#[case::user("x@y")]
#[case::space("a b")]
#[case::empty_label("a..b")]
#[case::placeholder("{region}")]
#[case::not_ascii("ż")]
fn complete_refuses_setting_that_changes_host_of_default(#[case] region: &str) {
    let specs = [
        spec("region", FieldKind::Text, true, None),
        spec("url", FieldKind::Url, false, Some("https://oidc.{region}.example")),
    ];
    let refused = Settings::from_iter([("region", region)]).complete(&specs);
    assert!(matches!(refused, Err(ProviderError::Setting { key, .. }) if key == "region"));
}

#[test]
fn complete_keeps_setting_in_default_one_path_segment() {
    let team = spec("team", FieldKind::Text, true, None);
    let url = spec("url", FieldKind::Url, false, Some("https://api.example/{team}/list"));
    let settings = Settings::from_iter([("team", "a/../b?c")]).complete(&[team, url]).unwrap();
    assert_eq!(settings.get("url"), Some("https://api.example/a%2F..%2Fb%3Fc/list"));
}

#[test]
fn complete_ignores_missing_secret() {
    let secret = spec("api-key", FieldKind::Secret, true, None);
    assert_eq!(completed(&[], secret).unwrap(), Settings::default());
}

#[test]
fn complete_refuses_missing_required_setting_with_its_help() {
    let refused = completed(&[], spec("region", FieldKind::Text, true, None)).unwrap_err();
    assert_eq!(refused.to_string(), "the setting region is missing: Ask whoever knows.");
    let without = completed(&[], spec("region", FieldKind::Text, false, None)).unwrap();
    assert_eq!(without.get("region"), None);
}

#[rstest]
#[case::url(FieldKind::Url, "https://a.example", "a.example")]
#[case::choice(FieldKind::Choice(vec!["user".into(), "application".into()]), "user", "root")]
#[case::flag(FieldKind::Flag, "false", "no")]
fn complete_refuses_value_of_another_kind(
    #[case] kind: FieldKind,
    #[case] valid: &str,
    #[case] invalid: &str,
) {
    let spec = spec("it", kind, false, None);
    assert!(completed(&[("it", valid)], spec.clone()).is_ok());
    assert!(completed(&[("it", invalid)], spec).is_err());
}
