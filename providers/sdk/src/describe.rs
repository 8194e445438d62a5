//! What a provider declares, with what is usual filled in; the rest is said by struct update:
//! `SignInTemplate { parameters, ..openid("{issuer}", &["openid"]) }`.
//!
//! Addresses, hosts and scopes are templates: `{key}` is the value of the setting `key`, and
//! `{tenant}` in the addresses of a sign-in is the tenant to sign in to.

use portico_provider_model::{
    ClientAuthentication, Descriptor, EndpointTemplates, FieldKind, Method, Permission, Placement,
    Principal, ScopeSeparator, SettingSpec, SignInTemplate, SubjectMapping, TokenEncoding,
    UserRecordTemplate, identity::ProviderId,
};

/// A descriptor that signs nobody in, has no settings and asks for no permission yet.
///
/// # Panics
/// Where `id` is no provider's id. Whoever writes one notices with the first test.
#[allow(clippy::expect_used, reason = "the id is written in the provider's source")]
pub fn descriptor(
    id: &str,
    name: &str,
    version: &str,
    account_noun: &str,
    sign_in: SignInTemplate,
) -> Descriptor {
    Descriptor {
        id: ProviderId::parse(id).expect("1 to 32 lower-case letters, digits or '-'"),
        name: name.into(),
        version: version.into(),
        icon: None,
        account_noun: account_noun.into(),
        settings: vec![],
        sign_in,
        people: None,
        permissions: vec![],
        capabilities: vec![],
    }
}

/// Whether an operator has to give a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// The provider does nothing without it.
    Required,
    /// The provider does without it.
    Optional,
    /// Its value where none is given; `{key}` in it is a setting that stands before this one.
    Default(&'a str),
}

/// An address that an operator is asked for. `help` says what to write, and where to find it.
pub fn address(key: &str, label: &str, help: &str, need: Need) -> SettingSpec {
    setting(key, label, help, FieldKind::Url, need)
}

/// A text that an operator is asked for.
pub fn text(key: &str, label: &str, help: &str, need: Need) -> SettingSpec {
    setting(key, label, help, FieldKind::Text, need)
}

/// Something else that an operator is asked for.
pub fn setting(key: &str, label: &str, help: &str, kind: FieldKind, need: Need) -> SettingSpec {
    SettingSpec {
        key: key.into(),
        label: label.into(),
        help: help.into(),
        kind,
        required: need == Need::Required,
        default: match need {
            Need::Default(value) => Some(value.into()),
            Need::Required | Need::Optional => None,
        },
    }
}

/// Permission to read, with the signed-in person's token as a bearer, what is at these hosts below
/// these paths. `why` is shown to the operator who agrees to it.
pub fn reads(name: &str, why: &str, hosts: &[&str], paths: &[&str]) -> Permission {
    Permission {
        name: name.into(),
        why: why.into(),
        principal: Principal::SignedInUser,
        scopes: vec![],
        hosts: texts(hosts),
        paths: texts(paths),
        methods: vec![Method::Get],
        placement: Placement::Bearer,
        request_headers: vec![],
        reply_headers: vec![],
        secret_headers: vec![],
    }
}

/// Where a person stands in the claims of an ID token, or in the user record where there is none
/// (JSON Pointers, RFC 6901).
///
/// `subject` is stable within the tenant, and never an e-mail address. Without a tenant, or where
/// nothing stands there, the issuer's host is the tenant. Of the names the first is taken that
/// holds a text.
pub fn people(
    subject: &str,
    tenant: Option<&str>,
    display_name: &[&str],
    username: &[&str],
) -> SubjectMapping {
    SubjectMapping {
        subject: subject.into(),
        tenant: tenant.map(Into::into),
        display_name: texts(display_name),
        username: texts(username),
    }
}

/// Sign-in with an OpenID provider. `issuer` is a template: `{issuer}`, `{url}/{tenant}/v2.0`.
pub fn openid(issuer: &str, scopes: &[&str]) -> SignInTemplate {
    sign_in(EndpointTemplates::OpenId(issuer.into()), scopes)
}

/// Sign-in with OAuth without an ID token, at these endpoints (templates of addresses). `issuer`
/// names the provider.
pub fn plain(issuer: &str, authorization: &str, token: &str, scopes: &[&str]) -> SignInTemplate {
    let endpoints = EndpointTemplates::Plain {
        issuer: issuer.into(),
        authorization: authorization.into(),
        token: token.into(),
        end_session: None,
    };
    sign_in(endpoints, scopes)
}

/// The document at `url` (a template), which the host fetches under `permission` and in which
/// [`people`] point.
pub fn user_record(url: &str, permission: &str) -> UserRecordTemplate {
    UserRecordTemplate {
        member: None,
        url: url.into(),
        headers: vec![],
        permission: permission.into(),
    }
}

/// Headers or parameters, by name and value.
pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
}

/// A sign-in without more parameters; the client's secret goes into the body of a form.
fn sign_in(endpoints: EndpointTemplates, scopes: &[&str]) -> SignInTemplate {
    SignInTemplate {
        endpoints,
        default_tenant: None,
        scopes: texts(scopes),
        scope_separator: ScopeSeparator::Space,
        parameters: vec![],
        token_encoding: TokenEncoding::Form,
        client_authentication: ClientAuthentication::Post,
        token_reply: vec![],
        user_records: vec![],
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_a_default_or_is_required_or_neither() {
        let said = |need| {
            let spec = text("region", "Region", "of the cloud", need);
            (spec.required, spec.default)
        };
        assert_eq!(said(Need::Required), (true, None));
        assert_eq!(said(Need::Optional), (false, None));
        assert_eq!(said(Need::Default("eu")), (false, Some("eu".into())));
    }
}
