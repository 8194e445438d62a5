use std::time::Duration;

use portico_domain::{
    provider::{Method, Request, SecretHeader},
    secret::{AccessToken, ProviderSecret},
};
use url::Url;

use super::*;

fn request(headers: &[(&str, &str)]) -> Request {
    Request {
        id: 1,
        method: Method::Get,
        url: Url::parse("https://api.example/").unwrap(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: None,
        credential: None,
    }
}

fn sent(headers: &[(&str, &str)], declared: &[&str]) -> Result<HeaderMap, NotAllowed> {
    let request = request(headers);
    let request_headers: Vec<String> = declared.iter().map(|name| (*name).into()).collect();
    let request_headers = &request_headers[..];
    to_send(&Fetch { request_headers, ..Fetch::of(&request, Duration::ZERO, 0) })
}

fn asked(name: &str, value: &str) -> Result<HeaderMap, NotAllowed> {
    sent(&[(name, value)], &[])
}

/// What is sent with a token, where the provider filled a header that may be the token's.
fn with_token(token: &str, placement: &Placement) -> Result<HeaderMap, NotAllowed> {
    let token = AccessToken::new(token);
    let request = request(&[("x-amz-token", "mine")]);
    let token = Some((&token, placement));
    to_send(&Fetch { token, ..Fetch::of(&request, Duration::ZERO, 0) })
}

#[test]
fn to_send_accepts_content_and_vendor_headers() {
    for name in ["Accept", "Content-Type", "accept-language", "Range", "x-ms-client-request-id"] {
        assert!(asked(name, "a").is_ok(), "{name}");
    }
    assert_eq!(sent(&[], &[]).unwrap()[ACCEPT], "application/json");
}

#[test]
fn to_send_refuses_host_and_message_framing_headers() {
    for name in [
        "Host",
        "Authorization",
        "Cookie",
        "Connection",
        "Transfer-Encoding",
        "Content-Length",
        "TE",
        "Upgrade",
        "Proxy-Authorization",
        "X-Forwarded-For",
        "User-Agent",
        "If-Range",
        "a b",
        "",
    ] {
        assert_eq!(asked(name, "a").unwrap_err(), NotAllowed, "{name}");
    }
    assert_eq!(asked("accept", "a\r\nhost: b").unwrap_err(), NotAllowed);
}

#[test]
fn to_send_accepts_declared_headers_except_credentials() {
    let declared = ["x-api-version", "Authorization", "cookie"];
    let send = |name| sent(&[(name, "a")], &declared);
    assert!(send("X-Api-Version").is_ok());
    for name in ["authorization", "cookie", "x-other"] {
        assert_eq!(send(name).unwrap_err(), NotAllowed, "{name}");
    }
}

#[test]
fn to_send_places_token_alone_in_its_header() {
    let bearer = with_token("secret", &Placement::Bearer).unwrap();
    assert_eq!(bearer[AUTHORIZATION], "Bearer secret");
    assert!(!format!("{bearer:?}").contains("secret"));
    let prefixed = with_token("secret", &Placement::Prefix("token".into())).unwrap();
    assert_eq!(prefixed[AUTHORIZATION], "token secret");
    // base64 of "secret:"
    let basic = with_token("secret", &Placement::Basic).unwrap();
    assert_eq!(basic[AUTHORIZATION], "Basic c2VjcmV0Og==");
    let own = with_token("secret", &Placement::Header("x-amz-token".into())).unwrap();
    assert_eq!(own.get_all("x-amz-token").iter().collect::<Vec<_>>(), ["secret"]);
}

#[test]
fn to_send_refuses_token_in_invalid_or_reserved_header() {
    assert_eq!(with_token("a\r\nb: c", &Placement::Bearer).unwrap_err(), NotAllowed);
    for name in ["Cookie", "Host", "content-length", "a b"] {
        let refused = with_token("token", &Placement::Header(name.into()));
        assert_eq!(refused.unwrap_err(), NotAllowed, "{name}");
    }
}

#[test]
fn to_send_marks_secret_header_as_sensitive() {
    let secret = ProviderSecret::new("hush");
    let header = SecretHeader {
        setting: "api-key".into(),
        header: "x-amz-token".into(),
        prefix: "ApiKey ".into(),
    };
    let request = request(&[("x-amz-token", "mine")]);
    let mut fetch = Fetch::of(&request, Duration::ZERO, 0);
    fetch.secret_headers = vec![(&header, &secret)];
    let headers = to_send(&fetch).unwrap();
    assert_eq!(headers.get_all("x-amz-token").iter().collect::<Vec<_>>(), ["ApiKey hush"]);
    assert!(!format!("{headers:?}").contains("hush"));
}

#[test]
fn received_drops_set_cookie_and_non_text_headers() {
    let mut headers = HeaderMap::new();
    headers.insert("Content-Type", HeaderValue::from_static("application/json"));
    headers.insert("X-Next-Cursor", HeaderValue::from_static("c"));
    headers.insert("Set-Cookie", HeaderValue::from_static("a=b"));
    headers.insert("X-Name", HeaderValue::from_bytes(b"\xc5\x82").unwrap());
    let expected = [("content-type", "application/json"), ("x-next-cursor", "c")];
    let expected = expected.map(|(name, value)| (name.into(), value.into()));
    assert_eq!(received(&headers), expected);
}
