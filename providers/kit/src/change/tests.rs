mod declaration;
mod sign_in;

use portico_domain::{
    identity::ProviderId,
    provider::{
        Capability, ClientAuthentication, EndpointTemplates, FieldKind, Method, Permission,
        Placement, Principal, ScopeSeparator, SecretHeader, SettingSpec, SignInTemplate,
        TokenEncoding, UserRecordTemplate,
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

#[test]
fn changes_of_the_same_descriptor_are_empty() {
    assert_eq!(changed(|_| {}), []);
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

#[test]
fn changes_report_no_order_if_permissions_are_only_added_or_removed() {
    let added = changed(|it| {
        let more = Permission { name: "more".into(), ..it.permissions[0].clone() };
        it.permissions.insert(0, more);
    });
    let removed = changed(|it| drop(it.permissions.remove(0)));
    for found in [added, removed] {
        assert!(!found.is_empty());
        assert!(!found.iter().any(|it| it.words.contains("another order")), "{found:?}");
    }
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
