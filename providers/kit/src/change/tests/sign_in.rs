//! Changes of how a person signs in.

use super::*;

fn endpoints(it: &mut Descriptor) -> [&mut String; 4] {
    match &mut it.sign_in.endpoints {
        EndpointTemplates::Plain { issuer, authorization, token, end_session } => {
            [issuer, authorization, token, end_session.as_mut().unwrap()]
        }
        EndpointTemplates::OpenId(_) => panic!(),
    }
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
fn changes_show_client_authentication_before_and_now_at_the_same_target() {
    let found = changed(|it| it.sign_in.client_authentication = ClientAuthentication::Basic);
    let [change] = &found[..] else { panic!("{found:?}") };
    assert!(change.words.starts_with("Before: Your client secret is sent to"), "{change:?}");
    assert!(change.words.contains("Basic") && change.needs_consent, "{change:?}");
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
