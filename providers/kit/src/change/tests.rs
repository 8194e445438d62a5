use portico_domain::{
    identity::ProviderId,
    provider::{
        Capability, ClientAuthentication, EndpointTemplates, FieldKind, Method, Placement,
        Principal, ScopeSeparator, SecretHeader, SettingSpec, SignInTemplate, TokenEncoding,
        UserRecordTemplate,
    },
    testing::samples,
};
use rstest::rstest;

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

/// Gives a closure in a case its type.
fn mutation(change: Mutation) -> Mutation {
    change
}

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
fn changes_of_the_same_descriptor_are_empty() {
    assert_eq!(changed(|_| {}), []);
}

#[test]
fn changes_name_new_and_old_target_of_client_secret() {
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
fn changes_name_token_endpoint_moved_by_default_of_setting() {
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

#[rstest]
#[case::issuer(
    mutation(|it| *endpoints(it)[0] = "https://evil.example".into()),
    "https://evil.example"
)]
#[case::authorization_endpoint(
    mutation(|it| *endpoints(it)[1] = "https://evil.example/a".into()),
    "https://evil.example/a"
)]
#[case::end_session_endpoint(
    mutation(|it| *endpoints(it)[3] = "https://evil.example/e".into()),
    "https://evil.example/e"
)]
#[case::openid(
    mutation(|it| it.sign_in.endpoints = EndpointTemplates::OpenId("https://e.example".into())),
    "publishes"
)]
#[case::default_tenant(
    mutation(|it| it.sign_in.default_tenant = Some("contoso".into())),
    "contoso"
)]
#[case::added_scope(
    mutation(|it| it.sign_in.scopes.push("email".into())),
    "New: People are asked for the scope email"
)]
#[case::removed_scope(
    mutation(|it| drop(it.sign_in.scopes.pop())),
    "Removed: People are asked for the scope read"
)]
#[case::scope_order(mutation(|it| it.sign_in.scopes.reverse()), "another order")]
#[case::scope_separator(
    mutation(|it| it.sign_in.scope_separator = ScopeSeparator::Comma),
    "commas"
)]
#[case::parameter(
    mutation(|it| it.sign_in.parameters[0].1 = "online".into()),
    "access_type=\u{201c}online\u{201d}"
)]
#[case::token_encoding(
    mutation(|it| it.sign_in.token_encoding = TokenEncoding::JsonSnakeCase),
    "JSON"
)]
#[case::client_authentication(
    mutation(|it| it.sign_in.client_authentication = ClientAuthentication::None),
    "No client secret"
)]
#[case::token_reply(
    mutation(|it| it.sign_in.token_reply.push("id".into())),
    "gets id of the token response"
)]
#[case::user_record_url(
    mutation(|it| it.sign_in.user_records[0].url = "https://e.example/me".into()),
    "https://e.example/me"
)]
#[case::user_record_headers(
    mutation(|it| it.sign_in.user_records[0].headers.clear()),
    "Before: At each sign-in"
)]
#[case::user_record_permission(
    mutation(|it| it.sign_in.user_records[0].permission = "as-application".into()),
    "as-application"
)]
#[case::user_record_member(
    mutation(|it| it.sign_in.user_records[0].member = Some("user".into())),
    "it becomes user"
)]
fn changes_of_sign_in_need_consent(#[case] change: Mutation, #[case] expected: &str) {
    assert_needs_consent(change, expected);
}

#[rstest]
#[case::id(mutation(|it| it.id = ProviderId::parse("other").unwrap()), "OTHER_CLIENT_SECRET")]
#[case::name(mutation(|it| it.name = "Azure".into()), "Azure")]
#[case::people(mutation(|it| it.people = None), "signs nobody in")]
#[case::subject(mutation(|it| it.people.as_mut().unwrap().subject = "/sub".into()), ": /sub")]
#[case::tenant(mutation(|it| it.people.as_mut().unwrap().tenant = None), "the host of the issuer")]
#[case::display_name(
    mutation(|it| it.people.as_mut().unwrap().display_name.push("/login".into())),
    "/name, /login"
)]
#[case::username(mutation(|it| it.people.as_mut().unwrap().username.clear()), "No user name")]
#[case::permission_name(
    mutation(|it| it.permissions[0].name = "other".into()),
    "New: The permission \u{201c}other\u{201d}"
)]
#[case::permission_reason(mutation(|it| it.permissions[0].why = "to read".into()), "to read")]
#[case::principal_user(
    mutation(|it| it.permissions[0].principal = Principal::SignedInUser),
    "the token of the person"
)]
#[case::principal_nobody(
    mutation(|it| it.permissions[0].principal = Principal::Nobody),
    "no token"
)]
#[case::permission_scope(
    mutation(|it| it.permissions[0].scopes.push("all".into())),
    "the scope all"
)]
#[case::added_host(
    mutation(|it| it.permissions[0].hosts.push("evil.example".into())),
    "GET evil.example"
)]
#[case::removed_host(mutation(|it| it.permissions[0].hosts.clear()), "Removed:")]
#[case::path(mutation(|it| it.permissions[0].paths.push("/".into())), "below /list, /")]
#[case::method(mutation(|it| it.permissions[0].methods.push(Method::Post)), "GET and POST")]
#[case::header_placement(
    mutation(|it| it.permissions[0].placement = Placement::Header("x-key".into())),
    "in the header x-key"
)]
#[case::prefix_placement(
    mutation(|it| it.permissions[0].placement = Placement::Prefix("token".into())),
    "after token"
)]
#[case::basic_placement(
    mutation(|it| it.permissions[0].placement = Placement::Basic),
    "as the user of Basic"
)]
#[case::request_header(
    mutation(|it| it.permissions[0].request_headers.push("x-a".into())),
    "x-version, x-a"
)]
#[case::reply_header(
    mutation(|it| it.permissions[0].reply_headers.push("x-b".into())),
    "x-next-cursor, x-b"
)]
#[case::added_secret_header(
    mutation(|it| it.permissions[1].secret_headers.push(secret("api-key"))),
    "sends your secret api-key"
)]
#[case::secret_prefix(
    mutation(|it| it.permissions[0].secret_headers[0].prefix = "Key ".into()),
    "after \u{201c}Key \u{201d}"
)]
#[case::removed_permission(
    mutation(|it| drop(it.permissions.pop())),
    "Removed: The permission \u{201c}elsewhere-as-application\u{201d}"
)]
#[case::permission_order(mutation(|it| it.permissions.reverse()), "another order")]
#[case::setting_default(
    mutation(|it| it.settings[0].default = Some("https://e.example".into())),
    "by default https://e.example"
)]
#[case::setting_kind(mutation(|it| it.settings[1].kind = FieldKind::Text), "The setting api-key")]
#[case::setting_help(mutation(|it| it.settings[1].help = "your password".into()), "your password")]
#[case::setting_required(mutation(|it| it.settings[1].required = true), "required")]
#[case::removed_setting(mutation(|it| drop(it.settings.pop())), "Removed: The secret api-key")]
#[case::removed_capability(
    mutation(|it| it.capabilities.clear()),
    "Removed: \u{201c}read-token\u{201d}"
)]
#[case::capability_kind(
    mutation(|it| it.capabilities[0].kind = "role".into()),
    "of the kind \u{201c}role\u{201d}"
)]
#[case::capability_extra(
    mutation(|it| it.capabilities[0].extra[0].1 = "https://e.example".into()),
    "https://e.example"
)]
fn changes_of_identity_permissions_settings_and_capabilities_need_consent(
    #[case] change: Mutation,
    #[case] expected: &str,
) {
    assert_needs_consent(change, expected);
}

/// Every change needs consent, and one of them contains `expected`.
#[track_caller]
fn assert_needs_consent(change: Mutation, expected: &str) {
    let found = changed(change);
    assert!(found.iter().any(|it| it.words.contains(expected)), "{found:#?}");
    assert!(found.iter().all(|it| it.needs_consent), "{found:#?}");
}

#[test]
fn changes_in_invisible_characters_need_consent() {
    let found = changed(|it| it.permissions[0].why.push('\u{200b}'));
    assert!(found.len() == 1 && found[0].needs_consent, "{found:?}");
}

#[test]
fn changes_report_order_beside_other_changes() {
    let found = changed(|it| {
        it.permissions.swap(0, 1);
        it.permissions[0].paths.push("/all".into());
    });
    assert!(found.iter().any(|it| it.words.contains("another order")), "{found:?}");
    assert!(found.iter().any(|it| it.words.contains("/all")), "{found:?}");
}

#[rstest]
#[case::version(mutation(|it| it.version = "2.0.0".into()), "Now: Its version is 2.0.0.")]
#[case::noun(mutation(|it| it.account_noun = "project".into()), "project")]
#[case::icon(mutation(|it| it.icon = Some("<svg/>".into())), "icon")]
fn changes_need_no_consent_for(#[case] change: Mutation, #[case] expected: &str) {
    let found = changed(change);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].words.contains(expected) && !found[0].needs_consent, "{found:?}");
}
