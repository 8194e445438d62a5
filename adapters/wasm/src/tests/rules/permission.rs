//! Rules of permissions.

use super::{Change, described, each_refused, refused};
use crate::{bindings::wire, testing::honest::setting};

/// Headers that a plugin neither writes nor reads.
const HOSTS: [&str; 26] = [
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

fn permission(change: impl Fn(&mut wire::Permission)) -> impl Fn(&mut wire::Descriptor) {
    move |it| {
        it.settings.push(setting("api-key", wire::FieldKind::Secret));
        change(&mut it.permissions[0]);
    }
}

fn secret(header: &str) -> wire::SecretHeader {
    wire::SecretHeader { setting: "api-key".into(), header: header.into(), prefix: "Key ".into() }
}

#[test]
fn a_permission_is_bounded_in_every_part() {
    let cases: [(&str, Change); 15] = [
        ("16 are allowed", |it| {
            let one = it.permissions[0].clone();
            let named = |n| wire::Permission { name: format!("a-{n}"), ..one.clone() };
            it.permissions = (0..17).map(named).collect();
        }),
        ("grants' names are the same", |it| it.permissions.push(it.permissions[0].clone())),
        ("a grant's name", |it| it.permissions[0].name = "a\u{202e}".into()),
        ("why a grant", |it| it.permissions[0].why = "x".repeat(1025)),
        ("32 are allowed", |it| it.permissions[0].scopes = vec!["a".into(); 33]),
        ("a scope of a grant", |it| it.permissions[0].scopes = vec!["a b".into()]),
        ("is no setting", |it| it.permissions[0].scopes = vec!["{tenant}".into()]),
        ("16 are allowed", |it| it.permissions[0].hosts = vec!["a.example".into(); 17]),
        ("a setting", |it| it.permissions[0].hosts = vec!["{tenant}".into()]),
        ("16 are allowed", |it| it.permissions[0].paths = vec!["/".into(); 17]),
        ("more than a path", |it| it.permissions[0].paths = vec!["/a?b".into()]),
        ("2 are allowed", |it| it.permissions[0].methods = vec![wire::Method::Get; 3]),
        ("16 are allowed", |it| it.permissions[0].request_headers = vec!["a".into(); 17]),
        ("16 are allowed", |it| it.permissions[0].reply_headers = vec!["a".into(); 17]),
        ("4 are allowed", |it| {
            let header = |n| secret(&format!("x-{n}"));
            it.permissions[0].secret_headers = (0..5).map(header).collect();
        }),
    ];
    each_refused(&cases);
}

#[test]
fn a_header_of_the_hosts_is_refused_in_every_list() {
    for name in HOSTS {
        let said = refused(permission(|it| it.request_headers = vec![name.into()]));
        assert!(said.contains("which is the host's"), "{name}: {said}");
        let said = refused(permission(|it| it.reply_headers = vec![name.into()]));
        assert!(said.contains("which is the host's"), "{name}: {said}");
        let said = refused(permission(|it| it.secret_headers = vec![secret(name)]));
        assert!(said.contains("takes none"), "{name}: {said}");
    }
}

#[test]
fn a_header_is_a_name_and_is_kept_in_lower_case() {
    for bad in ["", "a b", "a:", "a\r\nb", "ż", &"a".repeat(65)] {
        refused(permission(|it| it.request_headers = vec![bad.into()]));
        refused(permission(|it| it.reply_headers = vec![bad.into()]));
        refused(permission(|it| it.secret_headers = vec![secret(bad)]));
        refused(permission(|it| it.placement = wire::Placement::Header(bad.into())));
        refused(permission(|it| it.placement = wire::Placement::Prefix(bad.into())));
    }
    let named = permission(|it| {
        it.request_headers = vec!["Notion-Version".into()];
        it.reply_headers = vec!["X-Total".into()];
    });
    let permission = described(named).unwrap().permissions.remove(0);
    assert_eq!(permission.request_headers, ["notion-version"]);
    assert_eq!(permission.reply_headers, ["x-total"]);
}

#[test]
fn a_token_goes_into_no_header_that_says_where_a_request_goes() {
    for name in ["host", "Cookie", "connection", "content-length", "transfer-encoding"] {
        let said = refused(permission(|it| it.placement = wire::Placement::Header(name.into())));
        assert!(said.contains("takes none"), "{name}: {said}");
    }
}

#[test]
fn a_secret_header_is_filled_with_a_secret_setting_of_its_own() {
    assert!(described(permission(|it| it.secret_headers = vec![secret("x-api-key")])).is_ok());
    for key in ["issuer", "unheard-of", "client-secret", ""] {
        let other = wire::SecretHeader { setting: key.into(), ..secret("x-api-key") };
        let said = refused(permission(|it| it.secret_headers = vec![other.clone()]));
        assert!(said.contains("no secret setting"), "{key}: {said}");
    }
    for prefix in ["a\r\nb: ", "ż", &"x".repeat(65)] {
        let odd = wire::SecretHeader { prefix: prefix.into(), ..secret("x-api-key") };
        refused(permission(|it| it.secret_headers = vec![odd.clone()]));
    }
}

#[test]
fn a_secret_takes_the_place_of_a_token_where_there_is_none() {
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
fn two_values_of_the_host_for_one_header_are_refused() {
    let said = refused(permission(|it| it.secret_headers = vec![secret("x-a"), secret("X-A")]));
    assert!(said.contains("headers that the host fills"), "{said}");
    let said = refused(permission(|it| {
        it.placement = wire::Placement::Header("x-token".into());
        it.secret_headers = vec![secret("X-Token")];
    }));
    assert!(said.contains("headers that the host fills"), "{said}");
}
