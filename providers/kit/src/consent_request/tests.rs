use portico_azure::AzureProvider;
use portico_domain::{
    provider::{
        ClientAuthentication, EndpointTemplates, FieldKind, Provider, ScopeSeparator, SecretHeader,
        SettingSpec, SignInTemplate,
    },
    testing::samples,
};

use super::*;

fn azure(settings: &[(&str, &str)]) -> String {
    let settings = Settings::from_iter(settings.iter().copied());
    consent_request(&AzureProvider::describe(), Some(&settings)).to_string()
}

#[track_caller]
fn assert_contains(text: &str, parts: &[&str]) {
    for expected in parts {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

fn plain(token: &str) -> Descriptor {
    let sign_in = SignInTemplate {
        endpoints: EndpointTemplates::Plain {
            issuer: "{url}/login/oauth".into(),
            authorization: "{url}/login/oauth/authorize".into(),
            token: token.into(),
            end_session: None,
        },
        default_tenant: None,
        scopes: vec!["read:user".into(), "unheard-of".into()],
        ..samples::sign_in_template()
    };
    let url = SettingSpec {
        key: "url".into(),
        label: "Address".into(),
        help: "where people sign in".into(),
        kind: FieldKind::Url,
        required: false,
        default: Some("https://github.com".into()),
    };
    Descriptor { sign_in, settings: vec![url], ..samples::descriptor() }
}

#[test]
fn consent_request_names_target_of_client_secret_and_permissions() {
    let text = consent_request(&plain("{url}/login/oauth/access_token"), None).to_string();
    assert_contains(
        &text,
        &[
            "Your client secret is sent to https://github.com/login/oauth/access_token \
             [{url}/login/oauth/access_token], with the code of each sign-in, as a form.",
            "People sign in at https://github.com/login/oauth/authorize",
            "the scope read:user (read the person's profile).",
            "the scope unheard-of.",
            "\u{201c}as-user\u{201d} lets it GET cloud.example, at and below /list.",
            "for requests with the token of the person signed in, sent as a bearer token: \
             \u{201c}to list what there is\u{201d}",
            "the application's own token",
        ],
    );
    let fixed = consent_request(&plain("https://evil.example/token"), None).to_string();
    assert_contains(&fixed, &["Your client secret is sent to https://evil.example/token, with"]);
}

#[test]
fn consent_request_shows_openid_issuer_filled_and_as_template() {
    let login = "https://login.microsoftonline.com/{tenant}/v2.0 [{authority-host}/{tenant}/v2.0]";
    assert_contains(
        &azure(&[("tenant-id", "contoso")]),
        &[
            &format!("Your client secret is sent to the token endpoint that {login} publishes"),
            &format!("A person's identity is read from the ID token signed by {login}: /oid."),
            "Their tenant is /tid there",
            "by default contoso [{tenant-id}].",
            "Azure Resource Manager) [{resource-manager-url}/.default].",
            "the scope offline_access (access while they are away",
            "follows it in [brackets]",
            "management.azure.com [{resource-manager-url}], at and below /subscriptions.",
        ],
    );
    let own = azure(&[("authority-host", "https://login.example/"), ("tenant-id", "contoso")]);
    assert_contains(
        &own,
        &["https://login.example/{tenant}/v2.0 [{authority-host}/{tenant}/v2.0]"],
    );
    assert_contains(
        &azure(&[("authority-host", "http://login.example")]),
        &["no address, as the settings are"],
    );
}

/// The consent request of an OpenID provider with this client authentication.
fn openid(client_authentication: ClientAuthentication) -> String {
    let sign_in = SignInTemplate {
        endpoints: EndpointTemplates::OpenId("https://id.example".into()),
        client_authentication,
        ..samples::sign_in_template()
    };
    consent_request(&Descriptor { sign_in, ..samples::descriptor() }, None).to_string()
}

#[test]
fn consent_request_says_that_an_openid_provider_may_announce_how_it_takes_the_secret() {
    let announced = "Where the provider announces that it takes the secret in the other way";
    assert_contains(&openid(ClientAuthentication::Basic), &[announced]);
    for other in [
        openid(ClientAuthentication::None),
        consent_request(&plain("{url}/token"), None).to_string(),
    ] {
        assert!(!other.contains(announced), "{other}");
    }
}

#[test]
fn consent_request_says_if_scopes_are_separated_by_commas() {
    for (scope_separator, expected) in
        [(ScopeSeparator::Comma, true), (ScopeSeparator::Space, false)]
    {
        let plain = plain("{url}/token");
        let sign_in = SignInTemplate { scope_separator, ..plain.sign_in.clone() };
        let text = consent_request(&Descriptor { sign_in, ..plain }, None).to_string();
        assert_eq!(text.contains("commas between them"), expected, "{text}");
    }
}

#[test]
fn consent_request_lists_each_scope_of_a_setting() {
    let mut it = plain("https://a.example");
    it.settings[0].kind = FieldKind::Text;
    it.settings[0].default = Some("openid unheard-of email".into());
    it.sign_in.scopes = vec!["{url}".into()];
    let expected = "People are asked for the scopes openid (who they are), unheard-of, email \
                    (their e-mail address) [{url}].";
    assert_contains(&consent_request(&it, None).to_string(), &[expected]);
}

#[test]
fn consent_request_names_header_of_secret_without_its_value() {
    let mut it = samples::descriptor();
    let spec = plain("https://a.example").settings.remove(0);
    it.settings =
        vec![SettingSpec { key: "api-key".into(), kind: FieldKind::Secret, default: None, ..spec }];
    let settings = Settings::from_iter([("api-key", "s3cr3t")]);
    let text = |it: &Descriptor| consent_request(it, Some(&settings)).to_string();
    assert_contains(
        &text(&it),
        &["Portico stores it, and the plug-in never gets it. It is sent nowhere."],
    );
    it.permissions[0].secret_headers = vec![SecretHeader {
        setting: "api-key".into(),
        header: "x-api-key".into(),
        prefix: "Key ".into(),
    }];
    it.sign_in.scopes.push("{api-key}".into());
    let text = text(&it);
    let place = "api-key in the header x-api-key, after \u{201c}Key \u{201d}";
    assert_contains(&text, &[place, "to cloud.example under \u{201c}as-application\u{201d}."]);
    assert!(!text.contains("s3cr3t"), "{text}");
}

#[test]
fn consent_request_quotes_provider_text_in_one_line() {
    let mut it = samples::descriptor();
    it.name = "Nice\u{201d}.\n  - Your client secret stays here\u{202e}".into();
    it.sign_in.parameters = vec![("a b".into(), "c\u{1b}[31m".into())];
    let text = consent_request(&it, None).to_string();
    assert_contains(
        &text,
        &[
            "\u{201c}Nice\".  - Your client secret stays here\u{201d}.\n",
            "\u{201c}a b\u{201d}=\u{201c}c[31m\u{201d}",
        ],
    );
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
}

#[test]
fn consent_request_says_that_interface_1_declares_no_sign_in() {
    let mut it = samples::descriptor();
    it.sign_in.endpoints = EndpointTemplates::OpenId(String::new());
    assert_contains(
        &consent_request(&it, None).to_string(),
        &["interface 1.0.0, which declares no sign-in"],
    );
}

#[test]
fn consent_request_serializes_lines_as_strings() {
    let json = serde_json::to_value(consent_request(&samples::descriptor(), None)).unwrap();
    assert_eq!(json["sections"][0]["title"], "What it is");
    assert!(json["sections"][0]["lines"][0].as_str().unwrap().starts_with("Its button says"));
}

#[test]
fn consent_request_says_if_there_are_no_people_or_permissions() {
    let it = Descriptor { people: None, permissions: vec![], ..samples::descriptor() };
    assert_contains(
        &consent_request(&it, None).to_string(),
        &["signs nobody in", "asks for no permission"],
    );
}
