use portico_domain::{
    identity::ProviderId,
    provider::{
        Capability, ClientAuthentication, EndpointTemplates, FieldKind, Method, Placement,
        Principal, ScopeSeparator, SecretHeader, SettingSpec, SignInTemplate, TokenEncoding,
        UserRecordTemplate,
    },
    testing::samples,
};

use super::*;

fn before() -> Descriptor {
    let record = UserRecordTemplate {
        member: None,
        url: "{api-url}/user".into(),
        headers: vec![("accept".into(), "application/json".into())],
        permission: "as-user".into(),
    };
    let mut it = samples::descriptor();
    it.settings = vec![
        spec("api-url", FieldKind::Url, Some("https://api.cloud.example")),
        spec("api-key", FieldKind::Secret, None),
    ];
    it.sign_in = SignInTemplate {
        endpoints: EndpointTemplates::Plain {
            issuer: "https://id.example".into(),
            authorization: "https://id.example/authorize".into(),
            token: "https://id.example/token".into(),
            end_session: Some("https://id.example/end".into()),
        },
        default_tenant: None,
        scopes: vec!["openid".into(), "read".into()],
        parameters: vec![("access_type".into(), "offline".into())],
        token_reply: vec!["instance_url".into()],
        user_records: vec![record],
        ..samples::sign_in_template()
    };
    it.permissions[0].request_headers = vec!["x-version".into()];
    it.permissions[0].reply_headers = vec!["x-next-cursor".into()];
    it.permissions[0].secret_headers = vec![secret("api-key")];
    it.capabilities = vec![Capability {
        name: "read-token".into(),
        kind: "token".into(),
        why: "for apps".into(),
        extra: vec![("resource".into(), "https://api.example".into())],
    }];
    it
}

fn spec(key: &str, kind: FieldKind, default: Option<&str>) -> SettingSpec {
    let (help, default) = ("ask whoever knows".to_owned(), default.map(Into::into));
    SettingSpec { key: key.into(), label: key.into(), help, kind, required: false, default }
}

fn secret(setting: &str) -> SecretHeader {
    SecretHeader { setting: setting.into(), header: "x-api-key".into(), prefix: String::new() }
}

type Mutation = fn(&mut Descriptor);

fn changed(change: Mutation) -> Vec<Change> {
    let mut after = before();
    change(&mut after);
    changes(&before(), &after)
}

fn endpoints(it: &mut Descriptor) -> [&mut String; 4] {
    match &mut it.sign_in.endpoints {
        EndpointTemplates::Plain { issuer, authorization, token, end_session } => {
            [issuer, authorization, token, end_session.as_mut().unwrap()]
        }
        EndpointTemplates::OpenId(_) => panic!(),
    }
}

#[test]
fn the_same_descriptor_changes_nothing() {
    assert_eq!(changed(|_| {}), []);
}

#[test]
fn another_token_endpoint_is_said_in_plain_words() {
    let found = changed(|it| *endpoints(it)[2] = "https://evil.example/token".into());
    let words = "Your client secret would be sent to https://evil.example/token, and not to \
                 https://id.example/token any more.";
    assert_eq!(found, [Change { words: words.into(), needs_consent: true }]);
    let both = changed(|it| {
        *endpoints(it)[2] = "https://evil.example/token".into();
        it.sign_in.client_authentication = ClientAuthentication::Basic;
    });
    assert!(both[0].words.starts_with(words) && both[0].words.contains("Basic"), "{both:?}");
}

#[test]
fn a_setting_in_the_token_endpoint_moves_it_by_its_default() {
    let mut before = before();
    *endpoints(&mut before)[2] = "{api-url}/token".into();
    let mut after = before.clone();
    after.settings[0].default = Some("https://evil.example".into());
    let found = changes(&before, &after);
    let moved = found.iter().any(|it| {
        it.words.contains("secret would be sent to https://evil.example/token [{api-url}/token]")
    });
    assert!(moved && found.iter().all(|it| it.needs_consent), "{found:?}");
}

const SIGN_IN: [(Mutation, &str); 17] = [
    (|it| *endpoints(it)[0] = "https://evil.example".into(), "https://evil.example"),
    (|it| *endpoints(it)[1] = "https://evil.example/a".into(), "https://evil.example/a"),
    (|it| *endpoints(it)[3] = "https://evil.example/e".into(), "https://evil.example/e"),
    (
        |it| it.sign_in.endpoints = EndpointTemplates::OpenId("https://e.example".into()),
        "publishes",
    ),
    (|it| it.sign_in.default_tenant = Some("contoso".into()), "contoso"),
    (|it| it.sign_in.scopes.push("email".into()), "New: People are asked for the scope email"),
    (|it| drop(it.sign_in.scopes.pop()), "No more: People are asked for the scope read"),
    (|it| it.sign_in.scopes.reverse(), "another order"),
    (|it| it.sign_in.scope_separator = ScopeSeparator::Comma, "commas"),
    (|it| it.sign_in.parameters[0].1 = "online".into(), "access_type=\u{201c}online\u{201d}"),
    (|it| it.sign_in.token_encoding = TokenEncoding::JsonSnakeCase, "JSON"),
    (|it| it.sign_in.client_authentication = ClientAuthentication::None, "No client secret"),
    (|it| it.sign_in.token_reply.push("id".into()), "is told id of the token reply"),
    (|it| it.sign_in.user_records[0].url = "https://e.example/me".into(), "https://e.example/me"),
    (|it| it.sign_in.user_records[0].headers.clear(), "Before: At each sign-in"),
    (|it| it.sign_in.user_records[0].permission = "as-application".into(), "as-application"),
    (|it| it.sign_in.user_records[0].member = Some("user".into()), "it becomes user"),
];

const OTHERS: [(Mutation, &str); 33] = [
    (|it| it.id = ProviderId::parse("other").unwrap(), "OTHER_CLIENT_SECRET"),
    (|it| it.name = "Azure".into(), "Azure"),
    (|it| it.people = None, "signs nobody in"),
    (|it| it.people.as_mut().unwrap().subject = "/sub".into(), "/sub in it"),
    (|it| it.people.as_mut().unwrap().tenant = None, "the host of the issuer"),
    (|it| it.people.as_mut().unwrap().display_name.push("/login".into()), "/name, /login"),
    (|it| it.people.as_mut().unwrap().username.clear(), "No user name"),
    (|it| it.permissions[0].name = "other".into(), "New: The permission \u{201c}other\u{201d}"),
    (|it| it.permissions[0].why = "to read".into(), "to read"),
    (|it| it.permissions[0].principal = Principal::SignedInUser, "the token of the person"),
    (|it| it.permissions[0].principal = Principal::Nobody, "no token"),
    (|it| it.permissions[0].scopes.push("all".into()), "the scope all"),
    (|it| it.permissions[0].hosts.push("evil.example".into()), "GET evil.example"),
    (|it| it.permissions[0].hosts.clear(), "No more:"),
    (|it| it.permissions[0].paths.push("/".into()), "below /list, /"),
    (|it| it.permissions[0].methods.push(Method::Post), "GET and POST"),
    (|it| it.permissions[0].placement = Placement::Header("x-key".into()), "in the header x-key"),
    (|it| it.permissions[0].placement = Placement::Prefix("token".into()), "after token"),
    (|it| it.permissions[0].placement = Placement::Basic, "as the user of Basic"),
    (|it| it.permissions[0].request_headers.push("x-a".into()), "x-version, x-a"),
    (|it| it.permissions[0].reply_headers.push("x-b".into()), "x-next-cursor, x-b"),
    (|it| it.permissions[1].secret_headers.push(secret("api-key")), "sends your secret api-key"),
    (|it| it.permissions[0].secret_headers[0].prefix = "Key ".into(), "after \u{201c}Key \u{201d}"),
    (
        |it| drop(it.permissions.pop()),
        "No more: The permission \u{201c}elsewhere-as-application\u{201d}",
    ),
    (|it| it.permissions.reverse(), "another order"),
    (
        |it| it.settings[0].default = Some("https://e.example".into()),
        "by default https://e.example",
    ),
    (|it| it.settings[1].kind = FieldKind::Text, "The setting api-key"),
    (|it| it.settings[1].help = "your password".into(), "your password"),
    (|it| it.settings[1].required = true, "required"),
    (|it| drop(it.settings.pop()), "No more: The secret api-key"),
    (|it| it.capabilities.clear(), "No more: \u{201c}read-token\u{201d}"),
    (|it| it.capabilities[0].kind = "role".into(), "of the kind \u{201c}role\u{201d}"),
    (|it| it.capabilities[0].extra[0].1 = "https://e.example".into(), "https://e.example"),
];

#[test]
fn whatever_consent_covers_is_said_and_needs_it() {
    for (change, words) in SIGN_IN.into_iter().chain(OTHERS) {
        let found = changed(change);
        assert!(found.iter().any(|it| it.words.contains(words)), "{words}\n{found:#?}");
        assert!(found.iter().all(|it| it.needs_consent), "{words}\n{found:#?}");
    }
}

#[test]
fn what_no_line_shows_needs_consent_too() {
    let found = changed(|it| it.permissions[0].why.push('\u{200b}'));
    assert!(found.len() == 1 && found[0].needs_consent, "{found:?}");
}

#[test]
fn another_order_is_said_beside_other_changes() {
    let found = changed(|it| {
        it.permissions.swap(0, 1);
        it.permissions[0].paths.push("/all".into());
    });
    assert!(found.iter().any(|it| it.words.contains("another order")), "{found:?}");
    assert!(found.iter().any(|it| it.words.contains("/all")), "{found:?}");
}

#[test]
fn version_icon_and_noun_are_said_and_need_no_consent() {
    let freely: [(Mutation, &str); 3] = [
        (|it| it.version = "2.0.0".into(), "Now: Its version is 2.0.0."),
        (|it| it.account_noun = "project".into(), "project"),
        (|it| it.icon = Some("<svg/>".into()), "icon"),
    ];
    for (change, words) in freely {
        let found = changed(change);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].words.contains(words) && !found[0].needs_consent, "{found:?}");
    }
}
