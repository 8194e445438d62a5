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

#[test]
fn address_fills_settings_and_tenant_where_they_fit() {
    for (template, tenant, expected) in [
        ("{url}", None, "https://id.example/base/"),
        ("{url}/token", None, "https://id.example/base/token"),
        ("{loopback}/token", None, "http://127.0.0.1:4000/token"),
        ("https://sso.{region}.aws.example/x", None, "https://sso.eu-west-1.aws.example/x"),
        ("{url}/{tenant}/v2.0", Some("contoso"), "https://id.example/base/contoso/v2.0"),
        (
            "{url}/{tenant}",
            Some("7F7A0000-0000-0000-0000-00000000000A"),
            "https://id.example/base/7f7a0000-0000-0000-0000-00000000000a",
        ),
        ("{url}/{brace}", Some("contoso"), "https://id.example/base/%7Btenant%7D"),
    ] {
        assert_eq!(filled(template, tenant).as_deref(), Ok(expected), "{template}");
    }
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

#[test]
fn address_refuses_what_does_not_fit_or_is_not_given() {
    let missing = |key: &str| Err(TemplateError::Missing(key.into()));
    assert_eq!(filled("{url}/{tenant}", None), missing("tenant"));
    assert_eq!(filled("{unheard-of}/token", None), missing("unheard-of"));
    for template in [
        "https://sso.{evil}.aws.example/x",
        "{plain}/token",
        "{query}",
        "{region}",
        "ftp://id.example/",
        "https://user@id.example/",
        "https://id.example/#x",
    ] {
        assert!(filled(template, None).is_err(), "{template}");
    }
}

#[test]
fn check_address_refuses_what_no_settings_make_an_address_of() {
    let spec = |key: &str, kind| SettingSpec {
        key: key.into(),
        label: key.into(),
        help: String::new(),
        kind,
        required: true,
        default: None,
    };
    let specs = [
        spec("url", FieldKind::Url),
        spec("region", FieldKind::Text),
        spec("api-key", FieldKind::Secret),
    ];
    for good in [
        "{url}",
        "{url}/token",
        "https://sso.{region}.example/x",
        "{url}/{tenant}/v2.0",
        "https://a.example/{region}/{tenant}",
    ] {
        assert_eq!(check_address(good, &specs, true), Ok(()), "{good}");
    }
    assert!(check_address("{url}/{tenant}", &specs, false).is_err());
    for bad in [
        "",
        "{region}",
        "{unheard-of}/x",
        "{url}{tenant}",
        "{url}/x{tenant}",
        "{url}/{tenant}x",
        "{url}/{tenant}/{tenant}",
        "https://{tenant}.example/",
        "https://{api-key}.example/",
        "{api-key}",
        "http://a.example/",
        "https://a.example/?client_id=x",
        "https://a.example/#x",
        "https://u:p@a.example/",
        "javascript:alert(1)",
        "//a.example",
    ] {
        assert!(check_address(bad, &specs, true).is_err(), "{bad}");
    }
}

#[test]
fn address_names_the_setting_that_is_no_address() {
    for (template, key) in [("{plain}/token", "plain"), ("{query}", "query")] {
        let refused = filled(template, None);
        assert!(
            matches!(&refused, Err(TemplateError::Misfit { key: named, .. }) if named == key),
            "{refused:?}"
        );
    }
    let fixed = filled("http://id.example/", None);
    assert_eq!(fixed, Err(TemplateError::Address("http://id.example/".into())));
}

#[test]
fn placeholders_are_named_in_their_order_and_a_lone_brace_is_none() {
    let named = |template| placeholders(template).collect::<Vec<_>>();
    assert_eq!(named("{a}/{b}/x"), ["a", "b"]);
    assert_eq!(named("a}/{b"), [""; 0]);
    assert_eq!(named("{}"), [""]);
}
