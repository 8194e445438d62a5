//! Token requests and responses as JSON: with camel-case names, as AWS SSO OIDC's `CreateToken`
//! (<https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>), or with
//! those of RFC 6749, as Atlassian's
//! (<https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>).

use http::{HeaderValue, header::CONTENT_TYPE};
use oauth2::HttpRequest;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// The form as JSON with camel-case names.
pub(super) fn camel_case(request: HttpRequest) -> HttpRequest {
    with_members(request, |name, value| (camel(name), json(name, value)))
}

/// The form as JSON with its own names.
pub(super) fn snake_case(request: HttpRequest) -> HttpRequest {
    with_members(request, |name, value| (name.to_owned(), value.into()))
}

fn with_members(
    mut request: HttpRequest,
    member: impl Fn(&str, &str) -> (String, Value),
) -> HttpRequest {
    let fields = form_urlencoded::parse(request.body());
    let members: Map<_, _> = fields.map(|(name, value)| member(&name, &value)).collect();
    *request.body_mut() = Value::Object(members).to_string().into_bytes();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request
}

/// The members of a response with snake-case names; `None` if two names become the same.
pub(super) fn members(members: Map<String, Value>) -> Option<Map<String, Value>> {
    let count = members.len();
    let members: Map<_, _> =
        members.into_iter().map(|(name, value)| (snake(&name), value)).collect();
    (members.len() == count).then_some(members)
}

/// `scope` is an array here, not a string with spaces.
fn json(name: &str, value: &str) -> Value {
    match name {
        "scope" => value.split(' ').collect(),
        _ => value.into(),
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut text, word| {
        let mut letters = word.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text + letters.as_str()
    })
}

fn snake(name: &str) -> String {
    name.chars().fold(String::with_capacity(name.len() + 4), |mut text, letter| {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_names_convert_between_snake_and_camel_case() {
        for (one, other) in [
            ("code", "code"),
            ("client_id", "clientId"),
            ("code_verifier", "codeVerifier"),
            ("error_description", "errorDescription"),
        ] {
            assert_eq!((camel(one).as_str(), snake(other).as_str()), (other, one));
        }
        assert_eq!(snake("error_description"), "error_description");
    }

    #[test]
    fn snake_case_writes_form_as_json() {
        let mut request = HttpRequest::new(b"grant_type=authorization_code&code=a%2Bb".to_vec());
        *request.uri_mut() = "https://id.example/token".parse().unwrap();
        let request = snake_case(request);
        assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
        let sent: Value = serde_json::from_slice(request.body()).unwrap();
        let expected = serde_json::json!({"grant_type": "authorization_code", "code": "a+b"});
        assert_eq!(sent, expected);
    }

    #[test]
    fn members_refuses_names_that_collide_in_snake_case() {
        let read = |json: &str| members(serde_json::from_str(json).unwrap());
        assert_eq!(read(r#"{"accessToken":"a","access_token":"b"}"#), None);
        let one = read(r#"{"accessToken":"a","tokenType":"b"}"#).unwrap();
        assert_eq!((&one["access_token"], &one["token_type"]), (&"a".into(), &"b".into()));
    }
}
