//! The parsers of responses from identity providers and clouds, for the fuzz targets only.
#![allow(clippy::unwrap_used, reason = "a harness that cannot be set up fails by panicking")]

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::HeaderMap;
use oauth2::{AuthUrl, HttpResponse, TokenUrl};
use portico_domain::{
    identity::Claims,
    login::{Redemption, ResponseIssuer},
    ports::{IdentityProviderError, VerifiedLogout},
    provider::{ClientAuthentication, ScopeSeparator, TokenEncoding},
    secret::{AccessToken, ClientSecret, Nonce},
    session::TokenSet,
    time::Timestamp,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use url::Url;

use crate::{
    advice::IssuerSettings,
    client::Application,
    discovery::{Discovery, Document},
    document::object,
    endpoints::Endpoints,
    guard::Guard,
    http_client::HttpClient,
    id_token::{Expected, Unverified},
    keys::KeySet,
    names::{NameServers, Names},
    pushed_request, retry,
    token_endpoint::{Authentication, TokenEndpoint},
    transport::Transport,
};

/// The values that an ID token must have.
#[derive(Clone, Debug)]
pub struct IdTokenExpectation {
    /// The provider's issuer, perhaps with `{tenantid}`.
    pub issuer: String,
    /// The claim that fills `{tenantid}`.
    pub tenant_claim: Option<String>,
    /// The audience.
    pub client_id: String,
    /// The login's nonce.
    pub nonce: Nonce,
    /// The current time.
    pub now: Timestamp,
}

/// The number of usable keys in a JSON Web Key Set; `None` if the document is none.
pub fn usable_keys(document: &[u8]) -> Option<usize> {
    object(document).map(|document| KeySet::read(document).len())
}

/// The claims and issuer of an ID token that is verified with these keys; `None` if a check fails.
pub fn verified_claims(
    keys: &[u8],
    token: &str,
    expected: &IdTokenExpectation,
) -> Option<(Claims, String)> {
    let keys = KeySet::read(object(keys)?);
    let token = Unverified::parse(token).ok()?;
    let expected = Expected {
        issuer: &expected.issuer,
        tenant_claim: expected.tenant_claim.as_deref(),
        client_id: &expected.client_id,
        nonce: Some(&expected.nonce),
        access_token: Some(&AccessToken::new("the access token that came with it")),
        now: expected.now,
        provider_time: None,
    };
    let verified = token.verify(token.key_among(&keys).ok()?, &expected).ok()?;
    Some((verified.claims.into_claims(), verified.issuer))
}

/// A logout token that is verified with these keys; `None` if a check fails. Its nonce is not expected.
pub fn verified_logout(
    keys: &[u8],
    token: &str,
    expected: &IdTokenExpectation,
) -> Option<VerifiedLogout> {
    let keys = KeySet::read(object(keys)?);
    let token = Unverified::parse_logout(token).ok()?;
    let expected = Expected {
        issuer: &expected.issuer,
        tenant_claim: expected.tenant_claim.as_deref(),
        client_id: &expected.client_id,
        nonce: None,
        access_token: None,
        now: expected.now,
        provider_time: None,
    };
    token.verify_logout(token.key_among(&keys).ok()?, &expected).ok()
}

/// The response issuer and all endpoints of a valid discovery document; `None` if a check fails.
pub fn discovered(
    document: &[u8],
    issuer: &Url,
    many_tenants: bool,
) -> Option<(ResponseIssuer, Vec<Url>)> {
    let document = Document::read(&object(document)?).ok()?;
    let settings = IssuerSettings::default();
    let found = Discovery::check(document, issuer, many_tenants, &settings).ok()?;
    let Endpoints { issuer, authorization, token, end_session, pushed_requests, authentication: _ } =
        found.endpoints;
    let mut all = vec![authorization.url().clone(), token.url().clone(), found.jwks_uri];
    all.extend(end_session.into_iter().chain(pushed_requests));
    Some((issuer, all))
}

/// The tokens and the ID token of a token endpoint's response to `redemption` at `now`.
pub fn tokens(
    redemption: &Redemption,
    client_secret: &ClientSecret,
    encoding: TokenEncoding,
    now: Timestamp,
    answer: &HttpResponse,
) -> Result<(TokenSet, Option<String>), IdentityProviderError> {
    let endpoints = Endpoints {
        issuer: ResponseIssuer { issuer: "https://login.example".into(), required: false },
        authorization: AuthUrl::new("https://login.example/authorize".into()).unwrap(),
        token: TokenUrl::new("https://login.example/token".into()).unwrap(),
        end_session: None,
        pushed_requests: None,
        authentication: None,
    };
    let application = Application::with_secret("portico".into(), Some(client_secret.clone()));
    let authentication = Authentication {
        application: &application,
        endpoints: &endpoints,
        declared: ClientAuthentication::Post,
    };
    let endpoint = TokenEndpoint {
        transport: Transport::new(unused_client(), encoding),
        authentication,
        scope_separator: ScopeSeparator::Space,
        now,
    };
    let tokens = endpoint.redeem_with_response(redemption, &["openid".into()], answer)?;
    Ok((tokens.set, tokens.id_token))
}

/// The `request_uri` in a response to a pushed authorization request.
pub fn request_uri(body: &[u8]) -> Option<String> {
    pushed_request::request_uri(body)
}

/// The wait that the `Retry-After` of a response asks for.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    retry::retry_after(headers)
}

/// A client without trusted certificates; it sends nothing.
fn unused_client() -> HttpClient {
    static CLIENT: OnceLock<HttpClient> = OnceLock::new();
    let client = CLIENT.get_or_init(|| {
        let provider = aws_lc_rs::default_provider();
        let tls = ClientConfig::builder_with_provider(provider.into());
        let tls = tls.with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        let names = Arc::new(Names::new(NameServers::default()));
        HttpClient::build(tls, Guard::new([], names)).unwrap()
    });
    client.clone()
}
