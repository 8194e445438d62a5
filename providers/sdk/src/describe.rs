//! Declarations with the usual values filled in. Others are set by struct update:
//! `SignInTemplate { parameters, ..openid("{issuer}", &["openid"]) }`.
//!
//! Addresses, hosts and scopes are templates: `{key}` is the value of the setting `key`, and
//! `{tenant}` in the addresses of a sign-in is the tenant to sign in to.

use portico_provider_model::{
    Capability, ClientAuthentication, Descriptor, EndpointTemplates, FieldKind, Method, Permission,
    Placement, Principal, ScopeSeparator, SettingSpec, SignInTemplate, SubjectMapping,
    TokenEncoding, UserRecordTemplate, identity::ProviderId,
};

/// A descriptor without icon, settings, subject mapping, permissions and capabilities.
///
/// # Panics
/// `id` is not a valid provider id. The author's first test finds that.
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

/// Whether a setting must have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// The provider needs a value.
    Required,
    /// The provider works without a value.
    Optional,
    /// The value if none is given; `{key}` in it is a setting that is declared before this one.
    Default(&'a str),
}

/// A setting that is an address. `help` says what to write, and where to find it.
pub fn address(key: &str, label: &str, help: &str, need: Need) -> SettingSpec {
    setting(key, label, help, FieldKind::Url, need)
}

/// A setting that is a text.
pub fn text(key: &str, label: &str, help: &str, need: Need) -> SettingSpec {
    setting(key, label, help, FieldKind::Text, need)
}

/// A setting of any kind.
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

/// A permission to GET these paths and those below at these hosts, with the signed-in person's token as
/// a bearer token. `why` is shown to the operator.
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

/// The capability by which requests under `permission` may use the signed-in person's tokens in other
/// tenants ([`Credential::tenant`](portico_provider_model::Credential::tenant)). `why` is shown to the
/// operator.
pub fn in_every_tenant(permission: &str, why: &str) -> Capability {
    let (name, kind) = (permission.into(), Capability::TENANTS.into());
    Capability { name, kind, why: why.into(), extra: vec![] }
}

/// Where a person's identity is in the claims of an ID token, or in the user record if there is no ID
/// token (JSON Pointers, RFC 6901).
///
/// `subject` must never change within the tenant, so it must not be an e-mail address. If `tenant` is
/// `None` or finds nothing, the issuer's host is the tenant. The first name that is a text is used.
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

/// Sign-in with OAuth without an ID token. Issuer and endpoints are templates of addresses.
pub fn plain(issuer: &str, authorization: &str, token: &str, scopes: &[&str]) -> SignInTemplate {
    let endpoints = EndpointTemplates::Plain {
        issuer: issuer.into(),
        authorization: authorization.into(),
        token: token.into(),
        end_session: None,
    };
    sign_in(endpoints, scopes)
}

/// The user record at `url` (a template), which the host fetches with this permission. [`people`] has
/// pointers into it.
pub fn user_record(url: &str, permission: &str) -> UserRecordTemplate {
    UserRecordTemplate {
        member: None,
        url: url.into(),
        headers: vec![],
        permission: permission.into(),
    }
}

/// Headers or parameters: names and values.
pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
}

/// A sign-in without additional parameters. The client secret is sent in a form.
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
    fn need_sets_required_or_default_or_neither() {
        let declared = |need| {
            let spec = text("region", "Region", "of the cloud", need);
            (spec.required, spec.default)
        };
        assert_eq!(declared(Need::Required), (true, None));
        assert_eq!(declared(Need::Optional), (false, None));
        assert_eq!(declared(Need::Default("eu")), (false, Some("eu".into())));
    }
}
