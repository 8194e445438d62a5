//! Parsing of the members of a discovery document that Portico uses.

use serde_json::{Map, Value};
use url::Url;

/// The members, parsed but not validated.
///
/// Members that a check depends on are required and must have the right type: the source of ID tokens
/// (`issuer`, `jwks_uri`), where people and secrets are sent (`authorization_endpoint`,
/// `token_endpoint`), whether the authorization response has `iss`, and whether the request must be
/// pushed, and where. All others are optional, and
/// an unreadable one counts as absent: providers write `null` or an empty string for a feature that
/// they do not have. That gives an attacker nothing: who can damage an optional member can also
/// remove it.
pub(crate) struct Document {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) end_session_endpoint: Option<Url>,
    /// `authorization_response_iss_parameter_supported` (RFC 9207 section 3).
    pub(crate) sends_issuer: bool,
    /// `pushed_authorization_request_endpoint`, if `require_pushed_authorization_requests` (RFC 9126
    /// section 5).
    pub(crate) pushed_requests: Option<Url>,
    /// `token_endpoint_auth_methods_supported`. No check depends on it: by either method the secret
    /// goes to the token endpoint.
    pub(crate) authentication: Option<Vec<String>>,
    /// `id_token_signing_alg_values_supported`. No check depends on it: an ID token's own algorithm
    /// is checked against Portico's list and against the key's type.
    pub(crate) algorithms: Option<Vec<String>>,
}

impl Document {
    /// Reads the members; fails with the name of a required member that is absent or unreadable.
    pub(crate) fn read(members: &Map<String, Value>) -> Result<Self, &'static str> {
        let required = |name| url(members, name).ok_or(name);
        Ok(Self {
            issuer: text(members, "issuer").ok_or("issuer")?.to_owned(),
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            jwks_uri: required("jwks_uri")?,
            end_session_endpoint: url(members, "end_session_endpoint"),
            sends_issuer: flag(members, "authorization_response_iss_parameter_supported")?,
            pushed_requests: match flag(members, "require_pushed_authorization_requests")? {
                true => Some(required("pushed_authorization_request_endpoint")?),
                false => None,
            },
            authentication: list(members, "token_endpoint_auth_methods_supported"),
            algorithms: list(members, "id_token_signing_alg_values_supported"),
        })
    }
}

/// Absent and `null` are false. A string or a number is refused: it may mean true, and reading it as
/// false would drop the check of `iss`, or send in the browser what the provider wants pushed.
fn flag(members: &Map<String, Value>, name: &'static str) -> Result<bool, &'static str> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(set)) => Ok(*set),
        Some(_) => Err(name),
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

/// An absolute URL; a relative one has no base.
fn url(members: &Map<String, Value>, name: &str) -> Option<Url> {
    Url::parse(text(members, name)?).ok()
}

/// The strings of an array; an array without any counts as absent (RFC 8414 section 2).
fn list(members: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let texts = members.get(name)?.as_array()?.iter().filter_map(Value::as_str);
    let texts: Vec<_> = texts.map(str::to_owned).collect();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(name: &str, value: Value) -> Result<Document, &'static str> {
        let mut document = json!({
            "issuer": "https://a.example", "authorization_endpoint": "https://a.example/authorize",
            "token_endpoint": "https://a.example/token", "jwks_uri": "https://a.example/keys",
        });
        document[name] = value;
        Document::read(document.as_object().unwrap())
    }

    #[test]
    fn unreadable_optional_discovery_member_is_ignored() {
        let unreadable = [json!(null), json!(""), json!("/logout"), json!("logout"), json!(7)];
        for value in unreadable.into_iter().chain([json!(["https://a.example"]), json!({})]) {
            assert_eq!(
                with("end_session_endpoint", value.clone()).unwrap().end_session_endpoint,
                None
            );
            for name in
                ["token_endpoint_auth_methods_supported", "id_token_signing_alg_values_supported"]
            {
                let value = if value.is_array() { json!([]) } else { value.clone() };
                let document = with(name, value).unwrap();
                assert_eq!((document.authentication, document.algorithms), (None, None), "{name}");
            }
        }
        let methods = json!(["client_secret_post", null, 7]);
        let document = with("token_endpoint_auth_methods_supported", methods).unwrap();
        assert_eq!(document.authentication.unwrap(), ["client_secret_post"]);
    }

    #[test]
    fn unreadable_required_discovery_member_is_named() {
        for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for value in [json!(null), json!(7), json!(["https://a.example"]), json!({})] {
                assert_eq!(with(name, value).err(), Some(name));
            }
        }
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for value in ["", "/relative", "//a.example/x"] {
                assert_eq!(with(name, value.into()).err(), Some(name), "{value}");
            }
        }
        let name = "authorization_response_iss_parameter_supported";
        for value in [json!("true"), json!("false"), json!(1), json!(""), json!([true])] {
            assert_eq!(with(name, value).err(), Some(name));
        }
        for (value, sends) in [(json!(true), true), (json!(false), false), (json!(null), false)] {
            assert_eq!(with(name, value).unwrap().sends_issuer, sends);
        }
    }
}
