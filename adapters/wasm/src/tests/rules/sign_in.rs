//! Rules of signing in and of people.

use super::{Change, described, each_refused, refused};
use crate::{
    bindings::wire,
    testing::honest::{plain, setting, user_record},
};

#[test]
fn a_sign_in_is_bounded_in_every_part() {
    let cases: [(&str, Change); 14] = [
        ("32 are allowed", |it| it.sign_in.scopes = vec!["a".into(); 33]),
        ("a scope of the sign-in", |it| it.sign_in.scopes = vec!["a b".into()]),
        ("is no setting", |it| it.sign_in.scopes = vec!["{unheard-of}".into()]),
        ("is no setting", |it| it.sign_in.scopes = vec!["{tenant}".into()]),
        ("32 are allowed", |it| {
            it.sign_in.parameters = (0..33).map(|n| (format!("p{n}"), String::new())).collect();
        }),
        ("parameters of the sign-in are the same", |it| {
            it.sign_in.parameters = vec![("prompt".into(), "none".into()); 2];
        }),
        ("a parameter of the sign-in", |it| {
            it.sign_in.parameters = vec![("a b".into(), String::new())];
        }),
        ("a parameter of the sign-in", |it| {
            it.sign_in.parameters = vec![("a".into(), "x\r\ny".into())];
        }),
        ("8 are allowed", |it| {
            it.sign_in.token_reply = (0..9).map(|n| format!("m{n}")).collect();
        }),
        ("members of the token reply are the same", |it| {
            it.sign_in.token_reply = vec!["a".into(); 2];
        }),
        ("4 are allowed", |it| {
            let record = |n| user_record(Some(&format!("m{n}")));
            it.sign_in.user_records = (0..5).map(record).collect();
        }),
        ("the default tenant", |it| it.sign_in.default_tenant = Some("a b".into())),
        ("is no setting", |it| it.sign_in.default_tenant = Some("{tenant}".into())),
        ("1 to 2048", |it| {
            it.sign_in.endpoints =
                wire::Endpoints::Openid(format!("{{issuer}}/{}", "x".repeat(2048)));
        }),
    ];
    each_refused(&cases);
}

fn tenants(it: &mut wire::Descriptor) {
    it.sign_in.default_tenant = Some("common".into());
    it.people.iter_mut().for_each(|people| people.tenant = Some("/tid".into()));
}

/// Every endpoint is held against the same rule.
#[test]
fn an_address_that_is_none_or_is_not_the_operators_to_agree_to_is_refused() {
    type Place = fn(&mut wire::PlainEndpoints) -> &mut String;
    let places: [Place; 4] = [
        |it| &mut it.issuer,
        |it| &mut it.authorization,
        |it| &mut it.token,
        |it| it.end_session.insert(String::new()),
    ];
    for bad in [
        "",
        "http://id.example",
        "javascript:alert(1)",
        "id.example",
        "//id.example",
        "https://id.example/?x=y",
        "{issuer}?x=y",
        "https://id.example/#x",
        "https://u:p@id.example",
        "https://{region}@evil.example",
        "https://id.example:{region}",
        "https://{api-key}.example",
        "{api-key}",
        "{region}",
        "{unheard-of}/x",
        "https://{tenant}.example",
        "{issuer}{tenant}",
        "{issuer}/x{tenant}",
        "{issuer}/{tenant}x",
        "{issuer}/{tenant}.json",
        "{issuer}/{tenant}/{tenant}",
        "{issuer}/{tenant}/..",
        "{tenant}",
        "https://id.example/a b",
        "https://id.example/ż",
    ] {
        for place in places {
            refused(|it| {
                tenants(it);
                it.settings.push(setting("region", wire::FieldKind::Text));
                it.settings.push(setting("api-key", wire::FieldKind::Secret));
                let mut plain =
                    wire::PlainEndpoints { issuer: "{issuer}/{tenant}".into(), ..plain() };
                *place(&mut plain) = bad.into();
                it.sign_in.endpoints = wire::Endpoints::Plain(plain);
                it.sign_in.user_records = vec![user_record(None)];
            });
        }
        refused(|it| {
            tenants(it);
            it.sign_in.endpoints = wire::Endpoints::Openid(bad.into());
        });
        refused(|it| {
            let record = wire::UserRecord { url: bad.into(), ..user_record(Some("me")) };
            it.sign_in.user_records = vec![record];
        });
    }
}

#[test]
fn a_tenant_is_a_segment_of_the_issuer_and_then_of_any_endpoint() {
    let openid = |issuer: &'static str| {
        move |it: &mut wire::Descriptor| {
            it.sign_in.endpoints = wire::Endpoints::Openid(issuer.into());
        }
    };
    let with_tenants = |it: &mut wire::Descriptor| {
        tenants(it);
        openid("{issuer}/{tenant}/v2.0")(it);
    };
    assert!(described(with_tenants).is_ok());
    assert!(refused(openid("{issuer}/{tenant}")).contains("belong together"));
    assert!(refused(tenants).contains("belong together"));
    type Change = fn(&mut wire::PlainEndpoints);
    let cases: [(&str, Change); 3] = [
        ("authorization", |it| it.authorization = "{issuer}/{tenant}/authorize".into()),
        ("token", |it| it.token = "{issuer}/{tenant}/token".into()),
        ("end-session", |it| it.end_session = Some("{issuer}/{tenant}/logout".into())),
    ];
    for (what, change) in cases {
        let endpoints = |issuer: &str| {
            let mut plain = wire::PlainEndpoints { issuer: issuer.into(), ..plain() };
            change(&mut plain);
            wire::Endpoints::Plain(plain)
        };
        let said = refused(|it| {
            it.sign_in.endpoints = endpoints("{issuer}");
            it.sign_in.user_records = vec![user_record(None)];
        });
        assert!(said.contains("its issuer has not"), "{what}: {said}");
        let both = described(|it| {
            tenants(it);
            it.sign_in.endpoints = endpoints("{issuer}/{tenant}");
            it.sign_in.user_records = vec![user_record(None)];
        });
        assert!(both.is_ok(), "{what}: {both:?}");
    }
}

#[test]
fn an_issuer_of_one_tenant_says_where_everybodys_tenant_stands() {
    let people = |tenant: Option<&'static str>| {
        move |it: &mut wire::Descriptor| {
            tenants(it);
            it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{tenant}".into());
            it.people.iter_mut().for_each(|people| people.tenant = tenant.map(Into::into));
        }
    };
    assert!(refused(people(None)).contains("says of nobody which tenant"));
    assert!(refused(people(Some("/account/tid"))).contains("no claim of its own"));
    assert!(refused(people(Some("/a~1b"))).contains("no claim of its own"));
    assert!(described(people(Some("/tid"))).is_ok());
}

#[test]
fn a_credential_is_not_told_in_whatever_spelling() {
    for secret in [
        "access_token",
        "refresh_token",
        "id_token",
        "token",
        "Access-Token",
        "accessToken",
        "idToken",
        "user_token_2",
        "device_secret",
        "clientSecret",
        "client_secret",
        "password",
        "assertion",
        "api_key",
    ] {
        let said = refused(|it| it.sign_in.token_reply = vec![secret.into()]);
        assert!(said.contains("which is a credential"), "{secret}: {said}");
    }
    for bad in ["", "a b", "ż"] {
        refused(|it| it.sign_in.token_reply = vec![bad.into()]);
    }
    for plain in ["instance_url", "scope", "token_type", "expires_in", "refreshTokenExpiresIn"] {
        assert!(described(|it| it.sign_in.token_reply = vec![plain.into()]).is_ok(), "{plain}");
    }
}

#[test]
fn a_user_record_has_a_permission_of_the_persons_that_covers_it() {
    let with = |change: fn(&mut wire::UserRecord, &mut wire::Permission)| {
        move |it: &mut wire::Descriptor| {
            let mut record = user_record(Some("me"));
            change(&mut record, &mut it.permissions[0]);
            it.sign_in.user_records = vec![record];
        }
    };
    assert!(described(with(|_, _| ())).is_ok());
    let no_permission = "no permission of the signed-in user";
    for principal in [wire::Principal::Application, wire::Principal::Nobody] {
        let said = refused(|it| {
            it.permissions[0].principal = principal;
            it.sign_in.user_records = vec![user_record(Some("me"))];
        });
        assert!(said.contains(no_permission), "{said}");
    }
    let said = refused(with(|record, _| record.permission = "write".into()));
    assert!(said.contains(no_permission), "{said}");
    let uncovered: [fn(&mut wire::UserRecord, &mut wire::Permission); 5] = [
        |record, _| record.url = "https://evil.example/user".into(),
        |_, permission| permission.hosts = vec!["api.example".into()],
        |_, permission| permission.paths = vec!["/users".into()],
        |_, permission| permission.methods = vec![wire::Method::Post],
        |record, permission| {
            record.url = "{issuer}/list/%2e%2e/user".into();
            permission.paths = vec!["/list".into()];
        },
    ];
    for change in uncovered {
        let said = refused(with(change));
        assert!(said.contains("does not cover"), "{said}");
    }
    refused(with(|record, _| record.permission = String::new()));
    refused(with(|record, _| record.headers = vec![("a b".into(), "c".into())]));
}

#[test]
fn a_user_record_is_the_claims_or_a_member_of_them() {
    let is_plain = |records: Vec<wire::UserRecord>| {
        move |it: &mut wire::Descriptor| {
            it.sign_in.endpoints = wire::Endpoints::Plain(plain());
            it.sign_in.user_records = records;
        }
    };
    let openid = |records: Vec<wire::UserRecord>| {
        move |it: &mut wire::Descriptor| it.sign_in.user_records = records
    };
    let claims = || user_record(None);
    let member = |name: &str| user_record(Some(name));
    assert!(described(is_plain(vec![claims(), member("me")])).is_ok());
    assert!(described(openid(vec![member("me"), member("more")])).is_ok());
    let rule = "every other one a member";
    assert!(refused(is_plain(vec![member("me")])).contains(rule));
    assert!(refused(is_plain(vec![claims(), claims()])).contains(rule));
    assert!(refused(openid(vec![claims()])).contains(rule));
    assert!(refused(openid(vec![member("me"), claims()])).contains(rule));
    assert!(refused(openid(vec![member("me"), member("me")])).contains("are the same"));
    for bad in ["", "a/b", "a~b", "a b", "ż"] {
        refused(openid(vec![member(bad)]));
    }
}

#[test]
fn people_are_who_the_id_token_or_the_first_record_says() {
    let with_people = |change: fn(&mut wire::People)| {
        move |it: &mut wire::Descriptor| {
            it.sign_in.user_records = vec![user_record(Some("me"))];
            it.people.iter_mut().for_each(change);
        }
    };
    let in_record = "stands in a user record beside an ID token";
    assert!(refused(with_people(|it| it.subject = "/me/id".into())).contains(in_record));
    assert!(refused(with_people(|it| it.subject = "/me".into())).contains(in_record));
    assert!(refused(with_people(|it| it.tenant = Some("/me/org".into()))).contains(in_record));
    assert!(described(with_people(|it| it.display_name = vec!["/me/name".into()])).is_ok());
    for bad in ["", "sub", "sub/", "/a\nb", &format!("/{}", "x".repeat(256))] {
        for place in 0..4 {
            let said = refused(|it| {
                let people = it.people.as_mut().unwrap();
                match place {
                    0 => people.subject = bad.into(),
                    1 => people.tenant = Some(bad.into()),
                    2 => people.display_name = vec![bad.into()],
                    _ => people.username = vec![bad.into()],
                }
            });
            assert!(said.contains("JSON pointer"), "{bad:?}: {said}");
        }
    }
    let many = vec!["/a".to_owned(); 9];
    assert!(refused(|it| it.people.as_mut().unwrap().username = many.clone()).contains("8 are"));
    assert!(
        refused(|it| it.people.as_mut().unwrap().display_name = many.clone()).contains("8 are")
    );
    let nobody = refused(|it| it.sign_in.endpoints = wire::Endpoints::Plain(plain()));
    assert!(nobody.contains("neither an ID token nor a user record"), "{nobody}");
    let connected = described(|it| {
        it.sign_in.endpoints = wire::Endpoints::Plain(plain());
        it.people = None;
    });
    assert!(connected.is_ok());
}
