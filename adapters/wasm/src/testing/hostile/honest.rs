//! The descriptor of an honest plug-in. Each hostile plug-in, and each test of a rule, changes one part
//! of it.

use crate::bindings::wire;

/// People sign in with the OpenID provider in its only setting, `issuer`; requests are GETs below that
/// URL with the person's token.
pub(crate) fn descriptor(id: &str) -> wire::Descriptor {
    wire::Descriptor {
        id: id.into(),
        name: format!("Hostile {id}"),
        version: "1.0.0".into(),
        icon: None,
        account_noun: "project".into(),
        settings: vec![setting("issuer", wire::FieldKind::Url)],
        sign_in: sign_in(),
        people: Some(wire::People {
            subject: "/sub".into(),
            tenant: None,
            display_name: vec!["/name".into()],
            username: vec!["/preferred_username".into(), "/email".into()],
        }),
        permissions: vec![permission()],
        capabilities: vec![],
        extra: vec![],
    }
}

pub(crate) fn setting(key: &str, kind: wire::FieldKind) -> wire::SettingSpec {
    wire::SettingSpec {
        key: key.into(),
        label: "Issuer".into(),
        help: "The address of an OpenID provider.".into(),
        kind,
        choices: vec![],
        required: true,
        default: None,
    }
}

fn sign_in() -> wire::SignIn {
    wire::SignIn {
        endpoints: wire::Endpoints::Openid("{issuer}".into()),
        default_tenant: None,
        scopes: vec!["openid".into(), "profile".into()],
        scope_separator: wire::ScopeSeparator::Space,
        parameters: vec![],
        token_encoding: wire::TokenEncoding::Form,
        client_auth: wire::ClientAuth::Post,
        token_reply: vec![],
        user_records: vec![],
        extra: vec![],
    }
}

/// OAuth without an ID token, below the URL in the setting `issuer`.
pub(crate) fn plain() -> wire::PlainEndpoints {
    wire::PlainEndpoints {
        issuer: "{issuer}".into(),
        authorization: "{issuer}/authorize".into(),
        token: "{issuer}/token".into(),
        end_session: None,
    }
}

/// The user record at `/user` below the URL in the setting `issuer`.
pub(crate) fn user_record(member: Option<&str>) -> wire::UserRecord {
    wire::UserRecord {
        member: member.map(Into::into),
        url: "{issuer}/user".into(),
        headers: vec![],
        permission: "list".into(),
    }
}

fn permission() -> wire::Permission {
    wire::Permission {
        name: "list".into(),
        why: "To list projects.".into(),
        principal: wire::Principal::SignedInUser,
        scopes: vec![],
        hosts: vec!["{issuer}".into()],
        paths: vec!["/".into()],
        methods: vec![wire::Method::Get],
        placement: wire::Placement::Bearer,
        request_headers: vec![],
        reply_headers: vec![],
        secret_headers: vec![],
    }
}
