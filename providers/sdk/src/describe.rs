//! What a provider says of itself, with what is usual filled in; the rest is said by struct update:
//! `SignIn { parameters, ..openid(issuer, &["openid"]) }`.

use portico_domain::{
    identity::ProviderId,
    provider::{
        ClientAuthentication, Descriptor, Endpoints, FieldKind, Grant, Method, Placement,
        Principal, SettingSpec, SignIn, TokenEncoding,
    },
};
use url::Url;

/// A descriptor that signs nobody in, asks for nothing and is granted nothing yet.
///
/// # Panics
/// Where `id` is no provider's id. Whoever writes one notices with the first test.
#[allow(clippy::expect_used, reason = "the id is written in the provider's source")]
pub fn descriptor(id: &str, name: &str, version: &str, account_noun: &str) -> Descriptor {
    Descriptor {
        id: ProviderId::parse(id).expect("1 to 32 lower-case letters, digits or '-'"),
        name: name.into(),
        version: version.into(),
        icon: None,
        account_noun: account_noun.into(),
        people: None,
        settings: vec![],
        grants: vec![],
    }
}

/// Whether an operator has to say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// The provider does nothing without it.
    Required,
    /// The provider does without it.
    Optional,
    /// Where nothing is said it is this.
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

/// To read, with the signed-in person's token as a bearer, what is at these hosts below these
/// paths. `why` is read by whoever grants it.
pub fn reads(name: &str, why: &str, hosts: &[&str], paths: &[&str]) -> Grant {
    Grant {
        name: name.into(),
        why: why.into(),
        principal: Principal::SignedInUser,
        scopes: vec![],
        hosts: texts(hosts),
        paths: texts(paths),
        methods: vec![Method::Get],
        placement: Placement::Bearer,
    }
}

/// Sign-in with an OpenID provider.
pub fn openid(issuer: Url, scopes: &[&str]) -> SignIn {
    sign_in(Endpoints::OpenId(issuer), scopes)
}

/// A sign-in without more parameters; the client's secret goes into the body of a form.
pub fn sign_in(endpoints: Endpoints, scopes: &[&str]) -> SignIn {
    SignIn {
        endpoints,
        tenant_claim: None,
        scopes: texts(scopes),
        parameters: vec![],
        token_encoding: TokenEncoding::Form,
        client_authentication: ClientAuthentication::Post,
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
