//! Input from the backends of apps, and from proxies in front of them.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use portico_domain::{
    apps::ClientKey,
    ports::{AssertionVerifier, TokenSigner},
    signing::{SigningAlgorithm, SigningKey},
    time::Timestamp,
};
use portico_http::testing as read;
use portico_jwt::{JwtAssertions, JwtSigner, read_client_key};
use url::Url;

use crate::text;

/// A public key whose private half nobody has.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
    6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
    -----END PUBLIC KEY-----\n";

static CLIENT_KEY: LazyLock<ClientKey> = LazyLock::new(|| read_client_key(PUBLIC_KEY).unwrap());

/// A key that signs session JWTs, made anew for each process.
static OWN_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey {
    id: "key".into(),
    algorithm: SigningAlgorithm::Es256,
    created_at: Timestamp::default(),
    private: JwtSigner.generate(SigningAlgorithm::Es256).unwrap(),
});

/// The form of a token exchange. What is accepted names one API, and asks for no grant but this.
pub fn exchange_request(data: &[u8]) {
    let Some(request) = read::exchange_request(data) else { return };
    let body = std::str::from_utf8(data).unwrap();
    let pairs = || url::form_urlencoded::parse(body.as_bytes());
    let values = |name: &str| pairs().filter(|(known, _)| known == name).count();
    for name in ["grant_type", "subject_token", "subject_token_type", "account", "tenant", "scope"]
    {
        assert!(values(name) <= 1, "{name} was repeated");
    }
    assert!(pairs().any(|(name, value)| name == "subject_token" && value == request.subject_token));
    let resource = request.resource.url();
    assert!(resource.fragment().is_none() && resource.username().is_empty(), "{resource}");
    for (name, value) in pairs().filter(|(name, _)| name == "resource" || name == "audience") {
        let named = Url::parse(&value).unwrap();
        assert_eq!(named.origin(), resource.origin(), "{name} named another API");
    }
    assert!(request.scopes.iter().all(|scope| !scope.contains(' ') && !scope.is_empty()));
}

/// A JWT that is presented as an assertion and as a session JWT, and the public key of a backend. None of
/// the three keys signed it.
pub fn client_assertion(data: &[u8]) {
    let Some(input) = text(data) else { return };
    assert_eq!(JwtAssertions.verified(input, std::slice::from_ref(&*CLIENT_KEY)), None);
    assert_eq!(JwtSigner.read(&OWN_KEY).unwrap().verified(input), None);
    if let Ok(key) = read_client_key(input) {
        assert!(!key.pem.contains("PRIVATE KEY"));
        drop(JwtAssertions.verified("e30.e30.AAAA", &[key]));
    }
}

/// Headers of a proxy, a line each, with those of HTTP Basic authentication among them. The app is found by
/// the host that the proxy names, whatever the path is.
pub fn forwarded_request(data: &[u8]) {
    let Some(input) = text(data) else { return };
    let mut headers = HeaderMap::new();
    for (name, value) in input.lines().filter_map(|line| line.split_once(": ")) {
        let header = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = header {
            headers.append(name, value);
        }
    }
    if let Some((id, _)) = read::basic_credentials(&headers) {
        assert_eq!(headers.get_all(AUTHORIZATION).iter().count(), 1, "{id}");
    }
    let Some(url) = read::forwarded_url(&headers) else { return };
    if headers.contains_key("x-original-url") {
        return;
    }
    let named = |name: &str| headers[name].to_str().unwrap();
    let base = format!("{}://{}", named("x-forwarded-proto"), named("x-forwarded-host"));
    assert_eq!(url.origin(), Url::parse(&base).unwrap().origin(), "{url}");
}
