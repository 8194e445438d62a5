//! Who asks: client authentication (RFC 6749 section 2.3.1, RFC 7521 section 4.2).

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use portico_domain::{
    apps::ProtectedApp,
    text::clean,
    use_cases::{ClientCredential, ClientRefused},
};
use thiserror::Error;
use url::form_urlencoded;
use warp::http::{HeaderMap, HeaderValue, header};

use super::{Backends, form::Form};
use crate::{
    error::{ErrorCode, Failure},
    request::Call,
};

/// The type of an assertion (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Backends {
    /// The app whose backend asks. One way of authentication is taken, as RFC 6749 section 2.3 demands.
    pub(super) fn client(
        &self,
        call: &Call,
        form: &mut Form,
    ) -> Result<Arc<ProtectedApp>, Failure> {
        let basic = basic(call.headers())?;
        let (id, secret) =
            (form.parameters.take("client_id"), form.parameters.take("client_secret"));
        let assertion = form.parameters.take("client_assertion");
        let kind = form.parameters.take("client_assertion_type");
        let app = match (&basic, &secret, &assertion) {
            (Some((name, secret)), None, None) => match &id {
                Some(id) if id != name => return Err(ErrorCode::SeveralCredentials.into()),
                _ => self.authenticate.run(ClientCredential::Secret(name, secret)),
            },
            (None, Some(secret), None) => {
                let id = id.as_deref().unwrap_or_default();
                self.authenticate.run(ClientCredential::Secret(id, secret))
            }
            (None, None, Some(assertion)) if kind.as_deref() == Some(JWT_BEARER) => {
                self.authenticate.run(ClientCredential::Assertion(id.as_deref(), assertion))
            }
            (None, None, Some(_)) => return Err(ErrorCode::BadAssertionType.into()),
            (None, None, None) => Err(ClientRefused::Unknown),
            _ => return Err(ErrorCode::SeveralCredentials.into()),
        };
        let name = basic.as_ref().map(|(name, _)| name.as_str()).or(id.as_deref());
        app.map_err(|error| refused(&error, name, basic.is_some()))
    }
}

/// A refused client, as the log names it.
#[derive(Debug, Error)]
#[error("{refused}; the client calls itself {name:?}")]
struct RefusedClient {
    refused: ClientRefused,
    name: String,
}

/// 401, with the way to authenticate if the client came with HTTP Basic authentication (RFC 6749 section 5.2).
/// Told to any other, a browser that another site has send a form would ask for a password.
fn refused(error: &ClientRefused, name: Option<&str>, by_header: bool) -> Failure {
    let code = match error {
        ClientRefused::TooMany => ErrorCode::TooManyAssertions,
        _ => ErrorCode::InvalidClient,
    };
    let name = clean(name.unwrap_or_default(), 40);
    let failure = Failure::from(code).because(&RefusedClient { refused: *error, name });
    if !by_header {
        return failure;
    }
    let scheme = HeaderValue::from_static("Basic realm=\"Portico\", charset=\"UTF-8\"");
    failure.with_header(header::WWW_AUTHENTICATE, scheme)
}

/// Id and secret of HTTP Basic authentication; both are encoded as in forms first (RFC 6749 section
/// 2.3.1). `None` without it.
pub(crate) fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Failure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    let Some(value) = value else { return Ok(None) };
    let credentials = value.to_str().ok().and_then(|value| value.split_once(' '));
    let decoded = credentials
        .filter(|(scheme, _)| more.is_none() && scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| BASE64_STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = decoded.as_deref().and_then(|text| text.split_once(':'));
    match parts {
        Some((id, secret)) => Ok(Some((form_decoded(id), form_decoded(secret)))),
        None => Err(refused(&ClientRefused::Unknown, None, true)),
    }
}

/// Reverses the encoding of forms. Text without it is the same before and after, unless it has `%` or
/// `+`: a secret in base64 has `+`, and many clients send it as it is, so a space becomes one again. A
/// secret of random bytes has no space.
fn form_decoded(text: &str) -> String {
    let decoded = form_urlencoded::parse(text.replace('&', "%26").replace('=', "%3D").as_bytes())
        .next()
        .map(|(name, _)| name.into_owned());
    decoded.unwrap_or_default().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn header(value: &str) -> HeaderMap {
        [(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())].into_iter().collect()
    }

    fn encoded(text: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(text))
    }

    #[rstest]
    #[case::plain("costs:secret", "secret")]
    #[case::base64("costs:a+b/c==", "a+b/c==")]
    #[case::base64_encoded_as_in_forms("costs:a%2Bb%2Fc%3D%3D", "a+b/c==")]
    #[case::colon("costs:a:b", "a:b")]
    #[case::ampersand("costs:a&b", "a&b")]
    #[case::empty("costs:", "")]
    fn basic_returns_id_and_secret(#[case] text: &str, #[case] secret: &str) {
        let parsed = basic(&header(&encoded(text))).unwrap();
        assert_eq!(parsed, Some(("costs".to_owned(), secret.to_owned())));
    }

    #[rstest]
    #[case::bearer("Bearer abc")]
    #[case::no_colon(&encoded("costs"))]
    #[case::no_base64("Basic ???")]
    #[case::no_text(&format!("Basic {}", BASE64_STANDARD.encode(b"\xff:\xfe")))]
    #[case::no_credentials("Basic")]
    fn basic_refuses(#[case] value: &str) {
        assert_eq!(basic(&header(value)).unwrap_err().code(), ErrorCode::InvalidClient);
    }

    #[test]
    fn basic_refuses_two_headers_and_is_none_without_one() {
        let mut headers = header(&encoded("costs:secret"));
        headers.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        assert_eq!(basic(&headers).unwrap_err().code(), ErrorCode::InvalidClient);
        assert_eq!(basic(&HeaderMap::new()).unwrap(), None);
    }
}
