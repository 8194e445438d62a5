//! Rules for the sign-in and the subject mapping.

use rstest::rstest;

use super::{Change, assert_refused, described, refused};
use crate::{
    bindings::wire::{self, Descriptor},
    testing::honest::{plain, setting, user_record},
};

#[rstest]
#[case::number_of_scopes("32 are allowed", |it: &mut Descriptor| it.sign_in.scopes = vec!["a".into(); 33])]
#[case::space_in_scope("a scope of the sign-in", |it: &mut Descriptor| it.sign_in.scopes = vec!["a b".into()])]
#[case::unknown_setting_in_scope("is no setting", |it: &mut Descriptor| it.sign_in.scopes = vec!["{unheard-of}".into()])]
#[case::tenant_in_scope("is no setting", |it: &mut Descriptor| it.sign_in.scopes = vec!["{tenant}".into()])]
#[case::number_of_parameters("32 are allowed", |it: &mut Descriptor| {
        it.sign_in.parameters = (0..33).map(|n| (format!("p{n}"), String::new())).collect();
    })]
#[case::duplicate_parameter("parameters of the sign-in are the same", |it: &mut Descriptor| {
        it.sign_in.parameters = vec![("prompt".into(), "none".into()); 2];
    })]
#[case::space_in_parameter_name("a parameter of the sign-in", |it: &mut Descriptor| {
        it.sign_in.parameters = vec![("a b".into(), String::new())];
    })]
#[case::line_feed_in_parameter("a parameter of the sign-in", |it: &mut Descriptor| {
        it.sign_in.parameters = vec![("a".into(), "x\r\ny".into())];
    })]
#[case::number_of_reply_members("8 are allowed", |it: &mut Descriptor| {
        it.sign_in.token_reply = (0..9).map(|n| format!("m{n}")).collect();
    })]
#[case::duplicate_reply_member("members of the token reply are the same", |it: &mut Descriptor| {
        it.sign_in.token_reply = vec!["a".into(); 2];
    })]
#[case::number_of_user_records("4 are allowed", |it: &mut Descriptor| {
        let record = |n| user_record(Some(&format!("m{n}")));
        it.sign_in.user_records = (0..5).map(record).collect();
    })]
#[case::space_in_default_tenant("the default tenant", |it: &mut Descriptor| it.sign_in.default_tenant = Some("a b".into()))]
#[case::tenant_in_default_tenant("is no setting", |it: &mut Descriptor| it.sign_in.default_tenant = Some("{tenant}".into()))]
#[case::length_of_issuer("1 to 2048", |it: &mut Descriptor| {
        it.sign_in.endpoints =
            wire::Endpoints::Openid(format!("{{issuer}}/{}", "x".repeat(2048)));
    })]
fn sign_in_refuses_value_over_its_limit(#[case] rule: &str, #[case] change: Change) {
    assert_refused(rule, change);
}

/// Declares a default tenant and a tenant claim.
fn tenants(it: &mut Descriptor) {
    it.sign_in.default_tenant = Some("common".into());
    it.people.iter_mut().for_each(|people| people.tenant = Some("/tid".into()));
}

#[rstest]
#[case::empty("")]
#[case::http("http://id.example")]
#[case::script("javascript:alert(1)")]
#[case::no_scheme("id.example")]
#[case::scheme_relative("//id.example")]
#[case::query("https://id.example/?x=y")]
#[case::query_after_setting("{issuer}?x=y")]
#[case::fragment("https://id.example/#x")]
#[case::user("https://u:p@id.example")]
#[case::setting_as_user("https://{region}@evil.example")]
#[case::setting_as_port("https://id.example:{region}")]
#[case::secret_as_label("https://{api-key}.example")]
#[case::secret_as_whole("{api-key}")]
#[case::text_setting_as_whole("{region}")]
#[case::unknown_setting("{unheard-of}/x")]
#[case::tenant_as_label("https://{tenant}.example")]
#[case::tenant_after_setting("{issuer}{tenant}")]
#[case::tenant_after_letter("{issuer}/x{tenant}")]
#[case::tenant_before_letter("{issuer}/{tenant}x")]
#[case::tenant_with_suffix("{issuer}/{tenant}.json")]
#[case::tenant_twice("{issuer}/{tenant}/{tenant}")]
#[case::dot_segment("{issuer}/{tenant}/..")]
#[case::tenant_as_whole("{tenant}")]
#[case::space("https://id.example/a b")]
#[case::non_ascii("https://id.example/ż")]
fn every_url_refuses(#[case] url: &str) {
    type Place = fn(&mut wire::PlainEndpoints) -> &mut String;
    let places: [Place; 4] = [
        |it| &mut it.issuer,
        |it| &mut it.authorization,
        |it| &mut it.token,
        |it| it.end_session.insert(String::new()),
    ];
    for place in places {
        refused(|it| {
            tenants(it);
            it.settings.push(setting("region", wire::FieldKind::Text));
            it.settings.push(setting("api-key", wire::FieldKind::Secret));
            let mut plain = wire::PlainEndpoints { issuer: "{issuer}/{tenant}".into(), ..plain() };
            *place(&mut plain) = url.into();
            it.sign_in.endpoints = wire::Endpoints::Plain(plain);
            it.sign_in.user_records = vec![user_record(None)];
        });
    }
    refused(|it| {
        tenants(it);
        it.sign_in.endpoints = wire::Endpoints::Openid(url.into());
    });
    refused(|it| {
        let record = wire::UserRecord { url: url.into(), ..user_record(Some("me")) };
        it.sign_in.user_records = vec![record];
    });
}

#[test]
fn tenant_in_endpoint_needs_tenant_in_issuer() {
    let openid = |issuer: &'static str| {
        move |it: &mut Descriptor| {
            it.sign_in.endpoints = wire::Endpoints::Openid(issuer.into());
        }
    };
    let with_tenants = |it: &mut Descriptor| {
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
        let error = refused(|it| {
            it.sign_in.endpoints = endpoints("{issuer}");
            it.sign_in.user_records = vec![user_record(None)];
        });
        assert!(error.contains("its issuer has not"), "{what}: {error}");
        let both = described(|it| {
            tenants(it);
            it.sign_in.endpoints = endpoints("{issuer}/{tenant}");
            it.sign_in.user_records = vec![user_record(None)];
        });
        assert!(both.is_ok(), "{what}: {both:?}");
    }
}

#[test]
fn issuer_with_tenant_needs_top_level_tenant_claim() {
    let people = |tenant: Option<&'static str>| {
        move |it: &mut Descriptor| {
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

#[rstest]
fn token_reply_refuses_credential_member(
    #[values(
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
        "api_key"
    )]
    member: &str,
) {
    let error = refused(|it| it.sign_in.token_reply = vec![member.into()]);
    assert!(error.contains("which is a credential"), "{error}");
}

#[rstest]
fn token_reply_refuses_invalid_member_name(#[values("", "a b", "ż")] member: &str) {
    refused(|it| it.sign_in.token_reply = vec![member.into()]);
}

#[rstest]
fn token_reply_accepts_other_members(
    #[values("instance_url", "scope", "token_type", "expires_in", "refreshTokenExpiresIn")]
    member: &str,
) {
    assert!(described(|it| it.sign_in.token_reply = vec![member.into()]).is_ok());
}
