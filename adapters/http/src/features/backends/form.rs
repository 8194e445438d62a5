//! The parameters of a request of a backend: a form, never the query.

use warp::http::{HeaderMap, header};

use crate::{
    error::{ErrorCode, Failure},
    request::{Call, Query},
};

/// The media type of forms (RFC 6749 appendix B).
const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters that may stand more than once (RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The form of a request.
pub(super) struct Form {
    pub(super) parameters: Query,
    /// The values of `resource` and `audience`.
    pub(super) targets: Vec<String>,
}

impl Form {
    /// Parses the body of a request. A secret in the query would be in the logs of proxies, so a query is
    /// refused.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        if !call.query.is_empty() {
            return Err(ErrorCode::BadBackendForm.into());
        }
        Self::parse(call.headers(), &call.body)
    }

    fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Failure> {
        let mut types = headers.get_all(header::CONTENT_TYPE).iter();
        let is_form = match (types.next().and_then(|value| value.to_str().ok()), types.next()) {
            (Some(value), None) => {
                value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM)
            }
            _ => false,
        };
        if !is_form {
            return Err(ErrorCode::BadBackendForm.into());
        }
        Self::decode(body)
    }

    /// Decodes the pairs.
    pub(super) fn decode(body: &[u8]) -> Result<Self, Failure> {
        let text = str::from_utf8(body).map_err(|_| ErrorCode::BadBackendForm)?;
        let (mut targets, mut rest) = (Vec::new(), Vec::new());
        for pair in text.split('&') {
            let mut parsed = url::form_urlencoded::parse(pair.as_bytes());
            match parsed.next() {
                Some((name, value)) if REPEATABLE.contains(&name.as_ref()) => {
                    targets.push(value.into_owned());
                }
                _ => rest.push(pair),
            }
        }
        Ok(Self { parameters: Query::parse(&rest.join("&"))?, targets })
    }

    /// A required parameter.
    pub(super) fn require(&mut self, name: &'static str) -> Result<String, Failure> {
        let value = self.parameters.take(name);
        value.ok_or_else(|| Failure::with(ErrorCode::MissingParameter, &[("name", name)]))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use warp::http::HeaderValue;

    use super::*;

    fn parsed(content_types: &[&str], body: &[u8]) -> Result<Form, Failure> {
        let mut headers = HeaderMap::new();
        for value in content_types {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
        }
        Form::parse(&headers, body)
    }

    #[test]
    fn parse_returns_targets_apart_from_single_parameters() {
        let body = b"resource=https%3A%2F%2Fa.example&scope=a+b&audience=b&resource=c";
        let types = ["Application/X-WWW-Form-Urlencoded; charset=utf-8"];
        let mut form = parsed(&types, body).unwrap();
        assert_eq!(form.targets, ["https://a.example", "b", "c"]);
        assert_eq!(form.require("scope").unwrap(), "a b");
        assert_eq!(form.require("scope").unwrap_err().code(), ErrorCode::MissingParameter);
    }

    #[rstest]
    #[case::no_type(&[], b"a=b")]
    #[case::json(&["application/json"], b"{}")]
    #[case::two_types(&[FORM, "application/json"], b"a=b")]
    #[case::no_text(&[FORM], b"a=\xff")]
    fn parse_refuses(#[case] types: &[&str], #[case] body: &[u8]) {
        let error = parsed(types, body).err().unwrap();
        assert_eq!(error.code(), ErrorCode::BadBackendForm);
    }

    #[test]
    fn parse_refuses_a_repeated_parameter() {
        let error = parsed(&[FORM], b"scope=a&scope=b").err().unwrap();
        assert_eq!(error.code(), ErrorCode::RepeatedParameter);
    }
}
