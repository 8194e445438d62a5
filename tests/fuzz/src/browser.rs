//! Input from browsers: queries and cookies.

use http::{HeaderMap, HeaderValue, header::COOKIE};
use portico_domain::{
    identity::ProviderId,
    login::{AttemptKey, AuthorizationResponse, CallbackRejected},
    secret::State,
    testing::samples,
};
use portico_http::testing as read;
use url::form_urlencoded;

use crate::text;

/// The query of a callback. Accepted parameters occur once, and the callback is not accepted for an
/// attempt of another provider or issuer.
pub fn callback(data: &[u8]) {
    let Some(query) = text(data) else { return };
    let Some((callback, state)) = read::callback(query) else { return };
    let only = only_values(query);
    match &callback.response {
        AuthorizationResponse::Code(code) => {
            assert_eq!(only("code").as_deref(), Some(code.expose()));
            assert_eq!(only("error"), None, "the error parameter was ignored");
        }
        AuthorizationResponse::Error(error) => {
            assert_eq!(only("error").as_ref(), Some(&error.error))
        }
    }
    assert_eq!(only("state").as_deref(), state.as_ref().map(State::expose));
    assert_eq!(only("iss"), callback.iss);

    let attempt = || samples::pending_login("nonce");
    let other = ProviderId::parse("other").unwrap();
    let refused = attempt().accept(&other, callback.clone());
    assert_eq!(refused.unwrap_err(), CallbackRejected::OtherProvider);
    let iss = callback.iss.clone();
    if attempt().accept(&samples::azure(), callback).is_ok() {
        assert!(iss.is_none_or(|iss| iss == samples::issuer("contoso")));
    }
}

/// The query of `GET /api/login/{provider}`.
pub fn login_request(data: &[u8]) {
    let Some(query) = text(data) else { return };
    let Some(request) = read::login_request("azure", query) else { return };
    let only = only_values(query);
    assert_eq!(only("tenant").as_deref(), request.tenant.as_ref().map(|tenant| tenant.as_str()));
    assert_eq!(only("return_to"), request.return_to);
    assert_eq!(only("prompt").is_some(), request.prompt.is_some());
    if let Some(hint) = request.login_hint {
        assert!(hint.chars().count() <= 320 && !hint.chars().any(char::is_control), "{hint:?}");
    }
}

/// `Cookie` headers, one a line.
pub fn cookies(data: &[u8]) {
    let values =
        data.split(|byte| *byte == b'\n').filter_map(|it| HeaderValue::from_bytes(it).ok());
    let headers: HeaderMap = values.map(|value| (COOKIE, value)).collect();
    for secure in [false, true] {
        let prefix = if secure { "__Host-" } else { "" };
        if let Some(session) = read::session(secure, &headers) {
            assert!(is_secret(session.expose()));
            let name = format!("{prefix}portico_session");
            let named: Vec<_> =
                pairs(&headers).filter(|(one, _)| *one == name.as_bytes()).collect();
            let only = (name.as_bytes(), session.expose().as_bytes());
            assert_eq!(named, [only], "a repeated cookie is accepted");
            let set = read::set_session(secure, &session).unwrap();
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let again = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(pair).unwrap())]);
            assert_eq!(read::session(secure, &again), Some(session));
            assert_eq!(
                read::session(!secure, &again),
                None,
                "the cookie of the other scheme is accepted"
            );
        }
        let key = AttemptKey::of(&State::new("state"));
        if let Some(sealed) = read::attempt(secure, &headers, &key) {
            assert!(is_base64url(sealed.expose()) && sealed.expose().len() <= 4_096);
        }
        for dropped in read::make_room(secure, &headers, data.len()).unwrap() {
            let dropped = dropped.to_str().unwrap();
            let name = dropped.strip_prefix(prefix).unwrap();
            let is_login =
                ["portico_login_", "portico_done_"].iter().any(|it| name.starts_with(it));
            assert!(is_login, "{dropped}");
            assert!(dropped.contains("=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"), "{dropped}");
        }
    }
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let values = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = values.flat_map(|value| value.split(|byte| *byte == b';'));
    let pairs = pairs.map(|pair| pair.splitn(2, |byte| *byte == b'='));
    pairs.filter_map(|mut pair| Some((pair.next()?.trim_ascii(), pair.next()?.trim_ascii())))
}

fn is_secret(text: &str) -> bool {
    text.len() == 43 && is_base64url(text)
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The value of a parameter, which must not be repeated; an empty value counts as absent.
fn only_values(query: &str) -> impl Fn(&str) -> Option<String> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    move |name| {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next().cloned();
        assert_eq!(values.next(), None, "{name} is repeated");
        value.filter(|value| !value.is_empty())
    }
}
