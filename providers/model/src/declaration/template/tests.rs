use rstest::rstest;
use url::Url;

use super::*;
use crate::{
    declaration::{FieldKind, SettingSpec, Settings},
    identity::TenantId,
};

fn settings() -> Settings {
    Settings::from_iter([
        ("url", "https://id.example/base/"),
        ("region", "eu-west-1"),
        ("evil", "x.example/y"),
        ("loopback", "http://127.0.0.1:4000"),
        ("plain", "http://id.example"),
        ("query", "https://id.example/?a=b"),
        ("brace", "{tenant}"),
    ])
}

fn filled(template: &str, tenant: Option<&str>) -> Result<String, TemplateError> {
    let tenant = tenant.map(|text| TenantId::parse(text).unwrap());
    address(template, &settings(), tenant.as_ref()).map(String::from)
}

#[rstest]
#[case::address("{url}", None, "https://id.example/base/")]
#[case::below_address("{url}/token", None, "https://id.example/base/token")]
#[case::loopback("{loopback}/token", None, "http://127.0.0.1:4000/token")]
#[case::label("https://sso.{region}.aws.example/x", None, "https://sso.eu-west-1.aws.example/x")]
#[case::tenant("{url}/{tenant}/v2.0", Some("contoso"), "https://id.example/base/contoso/v2.0")]
#[case::guid_in_upper_case(
    "{url}/{tenant}",
    Some("7F7A0000-0000-0000-0000-00000000000A"),
    "https://id.example/base/7f7a0000-0000-0000-0000-00000000000a"
)]
#[case::no_guid_in_upper_case("{url}/{tenant}", Some("CAFE"), "https://id.example/base/CAFE")]
#[case::length_of_a_guid_in_upper_case(
    "{url}/{tenant}",
    Some("7F7A0000-0000-0000-0000-00000000000X"),
    "https://id.example/base/7F7A0000-0000-0000-0000-00000000000X"
)]
#[case::value_with_placeholder(
    "{url}/{brace}",
    Some("contoso"),
    "https://id.example/base/%7Btenant%7D"
)]
fn address_fills_settings_and_tenant(
    #[case] template: &str,
    #[case] tenant: Option<&str>,
    #[case] expected: &str,
) {
    assert_eq!(filled(template, tenant).as_deref(), Ok(expected));
}

#[test]
fn address_keeps_a_tenant_one_segment_of_the_path() {
    for tenant in ["a/b", "a?b", "a#b", "..\\x", "a%2fb", "@evil.example"] {
        let url = Url::parse(&filled("{url}/{tenant}/v2.0", Some(tenant)).unwrap()).unwrap();
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        assert_eq!((url.host_str(), segments.len()), (Some("id.example"), 3), "{tenant}");
        assert_eq!((segments[0], segments[2]), ("base", "v2.0"), "{tenant}");
    }
    for climbing in [".", ".."] {
        assert!(filled("{url}/{tenant}/v2.0", Some(climbing)).is_err(), "{climbing}");
    }
}

#[rstest]
#[case::tenant("{url}/{tenant}", "tenant")]
#[case::setting("{unheard-of}/token", "unheard-of")]
fn address_names_missing_placeholder(#[case] template: &str, #[case] key: &str) {
    assert_eq!(filled(template, None), Err(TemplateError::Missing(key.into())));
}

#[rstest]
#[case::path_in_label("https://sso.{evil}.aws.example/x")]
#[case::plain_http("{plain}/token")]
#[case::query("{query}")]
#[case::not_an_address("{region}")]
#[case::ftp("ftp://id.example/")]
#[case::user("https://user@id.example/")]
#[case::fragment("https://id.example/#x")]
fn address_refuses(#[case] template: &str) {
    assert!(filled(template, None).is_err());
}

fn specs() -> [SettingSpec; 3] {
    let spec = |key: &str, kind| SettingSpec {
        key: key.into(),
        label: key.into(),
        help: String::new(),
        kind,
        required: true,
        default: None,
    };
    [
        spec("url", FieldKind::Url),
        spec("region", FieldKind::Text),
        spec("api-key", FieldKind::Secret),
    ]
}

#[rstest]
#[case::address("{url}")]
#[case::below_address("{url}/token")]
#[case::label("https://sso.{region}.example/x")]
#[case::tenant_in_path("{url}/{tenant}/v2.0")]
#[case::two_segments("https://a.example/{region}/{tenant}")]
fn check_address_takes(#[case] template: &str) {
    assert_eq!(check_address(template, &specs(), true), Ok(()));
}

#[test]
fn check_address_refuses_tenant_unless_allowed() {
    assert!(check_address("{url}/{tenant}", &specs(), false).is_err());
}

#[rstest]
#[case::empty("")]
#[case::text_setting_alone("{region}")]
#[case::unknown_setting("{unheard-of}/x")]
#[case::tenant_after_address("{url}{tenant}")]
#[case::tenant_at_end_of_segment("{url}/x{tenant}")]
#[case::tenant_at_start_of_segment("{url}/{tenant}x")]
#[case::tenant_twice("{url}/{tenant}/{tenant}")]
#[case::tenant_in_host("https://{tenant}.example/")]
#[case::secret_in_host("https://{api-key}.example/")]
#[case::secret_alone("{api-key}")]
#[case::plain_http("http://a.example/")]
#[case::query("https://a.example/?client_id=x")]
#[case::fragment("https://a.example/#x")]
#[case::user("https://u:p@a.example/")]
#[case::javascript("javascript:alert(1)")]
#[case::no_scheme("//a.example")]
fn check_address_refuses(#[case] template: &str) {
    assert!(check_address(template, &specs(), true).is_err());
}

#[rstest]
#[case::plain_http("{plain}/token", "plain")]
#[case::query("{query}", "query")]
fn address_names_setting_that_is_no_address(#[case] template: &str, #[case] expected: &str) {
    let refused = filled(template, None);
    assert!(
        matches!(&refused, Err(TemplateError::Misfit { key, .. }) if key == expected),
        "{refused:?}"
    );
}

#[test]
fn address_names_template_without_setting_that_is_no_address() {
    let refused = filled("http://id.example/", None);
    assert_eq!(refused, Err(TemplateError::Address("http://id.example/".into())));
}

#[rstest]
#[case::two("{a}/{b}/x", &["a", "b"])]
#[case::unpaired_braces("a}/{b", &[])]
#[case::empty_key("{}", &[""])]
fn placeholders_are_in_order(#[case] template: &str, #[case] expected: &[&str]) {
    assert_eq!(placeholders(template).collect::<Vec<_>>(), expected);
}
