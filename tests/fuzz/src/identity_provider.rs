//! Responses of identity providers and clouds.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use portico_domain::{
    address::{is_loopback, may_be_called},
    login::Redemption,
    provider::{ClientCredential, TokenEncoding},
    secret::{AuthorizationCode, ClientSecret, Nonce, PkceVerifier},
    time::Timestamp,
};
use portico_oauth::{check_credential, testing as read};
use url::Url;

use crate::first_line;

const CODE: &str = "0.AXkA+code/that=must~not.be_seen";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CLIENT_SECRET: &str = "s8Q~client secret+that/must not be seen";

/// A status and `form` or `json` on the first line, the body of a token response on the others.
/// Only status 200 gives tokens, with a bounded lifetime; an error text contains no secret.
pub fn token_reply(data: &[u8]) {
    let (first, body) = first_line(data);
    let first = String::from_utf8_lossy(first);
    let (status, encoding) = first.split_once(' ').unwrap_or(("200", "form"));
    let mut answer = http::Response::new(body.to_vec());
    *answer.status_mut() = status.parse().unwrap_or(StatusCode::OK);
    let encoding =
        if encoding == "json" { TokenEncoding::JsonCamelCase } else { TokenEncoding::Form };
    let redemption = Redemption {
        code: AuthorizationCode::new(CODE),
        verifier: PkceVerifier::new(VERIFIER),
        nonce: Nonce::new("nonce"),
        redirect_uri: Url::parse("https://portico.example/getAToken").unwrap(),
    };
    let now = Timestamp::from_unix_seconds(1_790_000_000);
    match read::tokens(&redemption, &ClientSecret::new(CLIENT_SECRET), encoding, now, &answer) {
        Ok((tokens, _)) => {
            assert_eq!(answer.status(), StatusCode::OK);
            assert!(!tokens.access.expose().is_empty(), "an empty access token is accepted");
            assert!(tokens.refresh.is_none_or(|refresh| !refresh.expose().is_empty()));
            assert!(tokens.expires_at >= now && tokens.expires_at.since(now).as_secs() <= 604_800);
            assert!(tokens.scopes.iter().all(|scope| !scope.is_empty()));
        }
        Err(error) => {
            let shown = format!("{error} {error:?}");
            for secret in [CODE, VERIFIER, CLIENT_SECRET] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert!(!error.to_string().chars().any(char::is_control), "{shown}");
            assert!(error.to_string().chars().count() < 1_000, "{shown}");
        }
    }
}

/// The requested issuer on the first line, its discovery document on the others. An accepted
/// document has that issuer and no endpoint that must not be called.
pub fn discovery_document(data: &[u8]) {
    let (requested, document) = first_line(data);
    let (requested, many_tenants) = match requested {
        b"one" => ("https://login.example/contoso/v2.0", false),
        b"many" => ("https://login.example/organizations/v2.0", true),
        b"root" => ("https://accounts.example", false),
        _ => ("http://127.0.0.1:4000/contoso/v2.0", false),
    };
    let requested = Url::parse(requested).unwrap();
    let Some((issuer, endpoints)) = read::discovered(document, &requested, many_tenants) else {
        return;
    };
    let bare = requested.as_str().trim_end_matches('/');
    assert!(issuer.accepts(Some(requested.as_str())) || issuer.accepts(Some(bare)));
    assert!(many_tenants || [requested.as_str(), bare].contains(&issuer.issuer.as_str()));
    for endpoint in endpoints {
        assert!(may_be_called(&endpoint), "{endpoint}");
        assert!(endpoint.username().is_empty() && endpoint.password().is_none(), "{endpoint}");
        assert!(is_loopback(&requested) || !is_loopback(&endpoint), "{endpoint}");
    }
}

/// The body of a response to a pushed authorization request. An accepted reference is a bounded URI.
pub fn pushed_request_reply(data: &[u8]) {
    let Some(uri) = read::request_uri(data) else { return };
    assert!(uri.len() <= 1_024 && Url::parse(&uri).is_ok(), "{uri}");
}

/// A file with a key, and a certificate if it begins with `c`. An error quotes no line of it.
pub fn client_credential(data: &[u8]) {
    let (kind, text) = first_line(data);
    let Some(text) = crate::text(text) else { return };
    let secret = ClientSecret::new(text);
    let credential = match kind.first() {
        Some(b'c') => ClientCredential::Certificate(secret),
        _ => ClientCredential::PrivateKey(secret),
    };
    let now = Timestamp::from_unix_seconds(1_790_000_000);
    if let Err(error) = check_credential(&credential, now) {
        let shown = error.to_string();
        let mut lines = text.lines().filter(|line| line.len() > 24);
        assert!(!lines.any(|line| shown.contains(line)), "{shown}");
    }
}

/// Response headers, one a line. An accepted `Retry-After` in seconds is returned unchanged.
pub fn retry_after(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let Some(end) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..end]);
        let value = HeaderValue::from_bytes(line[end + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let Some(wait) = read::retry_after(&headers) else { return };
    let requested = headers["retry-after"].to_str().unwrap();
    if let Ok(seconds) = requested.trim().parse::<u64>() {
        assert_eq!(wait.as_secs(), seconds);
    }
}
