//! Token requests and answers as JSON with names in camel case: AWS SSO OIDC's `CreateToken`
//! (<https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>).

use http::{HeaderValue, header::CONTENT_TYPE};
use oauth2::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// The form as JSON.
pub(super) fn request(mut request: HttpRequest) -> HttpRequest {
    let fields = form_urlencoded::parse(request.body());
    let members: Map<_, _> =
        fields.map(|(name, value)| (camel(&name), json(&name, &value))).collect();
    *request.body_mut() = Value::Object(members).to_string().into_bytes();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request
}

/// Brings the names in an answer to snake case. What is no object stays as it is.
pub(super) fn answer(answer: &mut HttpResponse) {
    if let Ok(members) = serde_json::from_slice::<Map<String, Value>>(answer.body()) {
        let members = members.into_iter().map(|(name, value)| (snake(&name), value)).collect();
        *answer.body_mut() = Value::Object(members).to_string().into_bytes();
    }
}

/// A list of scopes is a list here, and not a text with spaces.
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
    fn the_names_of_the_protocol_pass_from_one_case_to_the_other() {
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
    fn what_is_no_object_stays_as_it_is() {
        for body in ["<html>", "[]", "", "\"accessToken\""] {
            let mut same = HttpResponse::new(body.into());
            answer(&mut same);
            assert_eq!(same.body(), body.as_bytes());
        }
    }
}
