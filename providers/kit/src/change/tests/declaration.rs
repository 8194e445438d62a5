//! Changes of identity, permissions, settings and capabilities.

use super::*;

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
