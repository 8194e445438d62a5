//! Rules for permissions.

use rstest::rstest;

use super::{Change, assert_refused, described, refused};
use crate::{
    bindings::wire::{self, Descriptor},
    testing::honest::setting,
};

/// Headers that a plug-in can neither set nor read.
const RESERVED_HEADERS: [&str; 26] = [
    "authorization",
    "Authorization",
    "authentication-info",
    "proxy-authorization",
    "proxy-authenticate",
    "cookie",
    "Cookie2",
    "set-cookie",
    "SET-COOKIE",
    "set-cookie2",
    "host",
    "connection",
    "keep-alive",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "user-agent",
    "forwarded",
    "x-forwarded-for",
    "X-Forwarded-Host",
    "x-real-ip",
    "x-http-method-override",
    "x-original-url",
];

fn permission(change: impl Fn(&mut wire::Permission)) -> impl Fn(&mut Descriptor) {
    move |it| {
        it.settings.push(setting("api-key", wire::FieldKind::Secret));
        change(&mut it.permissions[0]);
    }
}

fn secret(header: &str) -> wire::SecretHeader {
    wire::SecretHeader { setting: "api-key".into(), header: header.into(), prefix: "Key ".into() }
}

#[rstest]
#[case::number_of_permissions("16 are allowed", |it: &mut Descriptor| {
        let one = it.permissions[0].clone();
        let named = |n| wire::Permission { name: format!("a-{n}"), ..one.clone() };
        it.permissions = (0..17).map(named).collect();
    })]
#[case::duplicate_name("grants' names are the same", |it: &mut Descriptor| it.permissions.push(it.permissions[0].clone()))]
#[case::hidden_character_in_name("a grant's name", |it: &mut Descriptor| it.permissions[0].name = "a\u{202e}".into())]
#[case::length_of_why("why a grant", |it: &mut Descriptor| it.permissions[0].why = "x".repeat(1025))]
#[case::number_of_scopes("32 are allowed", |it: &mut Descriptor| it.permissions[0].scopes = vec!["a".into(); 33])]
#[case::space_in_scope("a scope of a grant", |it: &mut Descriptor| it.permissions[0].scopes = vec!["a b".into()])]
#[case::tenant_in_scope("is no setting", |it: &mut Descriptor| it.permissions[0].scopes = vec!["{tenant}".into()])]
#[case::number_of_hosts("16 are allowed", |it: &mut Descriptor| it.permissions[0].hosts = vec!["a.example".into(); 17])]
#[case::tenant_as_host("a setting", |it: &mut Descriptor| it.permissions[0].hosts = vec!["{tenant}".into()])]
#[case::number_of_paths("16 are allowed", |it: &mut Descriptor| it.permissions[0].paths = vec!["/".into(); 17])]
#[case::query_in_path("more than a path", |it: &mut Descriptor| it.permissions[0].paths = vec!["/a?b".into()])]
#[case::number_of_methods("2 are allowed", |it: &mut Descriptor| it.permissions[0].methods = vec![wire::Method::Get; 3])]
#[case::number_of_request_headers("16 are allowed", |it: &mut Descriptor| it.permissions[0].request_headers = vec!["a".into(); 17])]
#[case::number_of_reply_headers("16 are allowed", |it: &mut Descriptor| it.permissions[0].reply_headers = vec!["a".into(); 17])]
#[case::number_of_secret_headers("4 are allowed", |it: &mut Descriptor| {
        let header = |n| secret(&format!("x-{n}"));
        it.permissions[0].secret_headers = (0..5).map(header).collect();
    })]
fn permission_refuses_value_over_its_limit(#[case] rule: &str, #[case] change: Change) {
    assert_refused(rule, change);
}

#[test]
fn permission_refuses_reserved_header_in_every_list() {
    for name in RESERVED_HEADERS {
        let error = refused(permission(|it| it.request_headers = vec![name.into()]));
        assert!(error.contains("which is the host's"), "{name}: {error}");
        let error = refused(permission(|it| it.reply_headers = vec![name.into()]));
        assert!(error.contains("which is the host's"), "{name}: {error}");
        let error = refused(permission(|it| it.secret_headers = vec![secret(name)]));
        assert!(error.contains("takes none"), "{name}: {error}");
    }
}

#[test]
fn permission_refuses_invalid_header_name() {
    for bad in ["", "a b", "a:", "a\r\nb", "ż", &"a".repeat(65)] {
        refused(permission(|it| it.request_headers = vec![bad.into()]));
        refused(permission(|it| it.reply_headers = vec![bad.into()]));
        refused(permission(|it| it.secret_headers = vec![secret(bad)]));
        refused(permission(|it| it.placement = wire::Placement::Header(bad.into())));
        refused(permission(|it| it.placement = wire::Placement::Prefix(bad.into())));
    }
}

#[test]
fn permission_stores_header_names_in_lower_case() {
    let named = permission(|it| {
        it.request_headers = vec!["Notion-Version".into()];
        it.reply_headers = vec!["X-Total".into()];
    });
    let permission = described(named).unwrap().permissions.remove(0);
    assert_eq!(permission.request_headers, ["notion-version"]);
    assert_eq!(permission.reply_headers, ["x-total"]);
}

#[test]
fn permission_refuses_token_in_routing_or_framing_header() {
    for name in ["host", "Cookie", "connection", "content-length", "transfer-encoding"] {
        let error = refused(permission(|it| it.placement = wire::Placement::Header(name.into())));
        assert!(error.contains("takes none"), "{name}: {error}");
    }
}

#[test]
fn secret_header_needs_declared_secret_setting() {
    assert!(described(permission(|it| it.secret_headers = vec![secret("x-api-key")])).is_ok());
    for key in ["issuer", "unheard-of", "client-secret", ""] {
        let other = wire::SecretHeader { setting: key.into(), ..secret("x-api-key") };
        let error = refused(permission(|it| it.secret_headers = vec![other.clone()]));
        assert!(error.contains("no secret setting"), "{key}: {error}");
    }
    for prefix in ["a\r\nb: ", "ż", &"x".repeat(65)] {
        let odd = wire::SecretHeader { prefix: prefix.into(), ..secret("x-api-key") };
        refused(permission(|it| it.secret_headers = vec![odd.clone()]));
    }
}

#[test]
fn authorization_header_takes_secret_only_without_token() {
    let of = |principal| {
        permission(move |it| {
            it.principal = principal;
            it.secret_headers = vec![secret("Authorization")];
        })
    };
    assert!(described(of(wire::Principal::Nobody)).is_ok());
    refused(of(wire::Principal::SignedInUser));
    refused(of(wire::Principal::Application));
}

#[test]
fn permission_refuses_two_host_values_for_one_header() {
    let error = refused(permission(|it| it.secret_headers = vec![secret("x-a"), secret("X-A")]));
    assert!(error.contains("headers that the host fills"), "{error}");
    let error = refused(permission(|it| {
        it.placement = wire::Placement::Header("x-token".into());
        it.secret_headers = vec![secret("X-Token")];
    }));
    assert!(error.contains("headers that the host fills"), "{error}");
}
