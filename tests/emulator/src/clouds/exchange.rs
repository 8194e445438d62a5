//! The token endpoint of every cloud: redeems codes and refresh tokens. Each cloud reads the request body and writes
//! the response itself.

use axum::http::{HeaderMap, header};
use serde::Deserialize;

use super::profile::{Field, RefreshPolicy, Rotation};
use super::token_error::TokenError;
use crate::basic::basic;
use crate::bytes::sha256_base64url;
use crate::cloud::Cloud;
use crate::faults::{Occasion, Target};
use crate::grants::CodeError;
use crate::grants::Grant;
use crate::grants::TokenKind;
use crate::params::Params;
use crate::state::EmulatorState;

/// A token request; AWS sends it as JSON, the others as a form.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
    /// The audience of an assertion: the issuer. Without it the cloud takes secrets alone.
    #[serde(skip)]
    issuer: Option<String>,
}

impl TokenRequest {
    /// Reads a form, with client credentials in the form or in a Basic header.
    pub(crate) fn from_form(headers: &HeaderMap, form: &Params) -> Result<Self, TokenError> {
        if form.repeated().is_some() {
            return Err(TokenError::Malformed);
        }
        let field = |name| form.get(name).map(str::to_owned);
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (client_id, client_secret) = match header {
            Some(value) => basic(value).map(|(id, secret)| (Some(id), Some(secret))),
            None => Some((field("client_id"), field("client_secret"))),
        }
        .ok_or(TokenError::InvalidClient)?;
        Ok(Self {
            grant_type: field("grant_type"),
            client_id,
            client_secret,
            code: field("code"),
            redirect_uri: field("redirect_uri"),
            code_verifier: field("code_verifier"),
            refresh_token: field("refresh_token"),
            client_assertion_type: field("client_assertion_type"),
            client_assertion: field("client_assertion"),
            issuer: None,
        })
    }

    /// Accepts assertions for this issuer as client authentication (`private_key_jwt`).
    pub(crate) fn with_assertions_for(self, issuer: String) -> Self {
        Self { issuer: Some(issuer), ..self }
    }
}

/// The issued tokens, from which a cloud writes its response.
pub(crate) struct Issued {
    pub(crate) grant: Grant,
    /// The grant type, by which faults are selected.
    pub(crate) grant_type: &'static str,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// Lifetime of the access token in seconds; `None` is unlimited.
    pub(crate) expires_in: Option<i64>,
}

/// Authenticates the client and issues tokens.
pub(crate) fn exchange(
    state: &EmulatorState,
    cloud: Cloud,
    request: &TokenRequest,
) -> Result<Issued, TokenError> {
    authenticate(state, cloud, request)?;
    let grant_type =
        request.grant_type.as_deref().ok_or(TokenError::MissingParameter("grant_type"))?;
    let occasion = Occasion::at(Target::CloudToken(cloud)).grant(grant_type);
    if let Some((error, text)) = state.oauth_error(occasion) {
        return Err(TokenError::Custom(error, text));
    }
    match grant_type {
        "authorization_code" => redeem_code(state, cloud, request),
        "refresh_token" => redeem_refresh_token(state, cloud, request),
        _ => Err(TokenError::UnsupportedGrantType),
    }
}

/// Authenticates the client by its secret or, where the cloud takes them, by an assertion.
pub(crate) fn authenticate(
    state: &EmulatorState,
    cloud: Cloud,
    request: &TokenRequest,
) -> Result<(), TokenError> {
    let client = cloud.client();
    let is_known = match request.client_id.as_deref() {
        Some(id) => id == client.client_id,
        None => cloud.profile().optional.contains(&Field::ClientId),
    };
    let is_authentic = match (&request.client_assertion, &request.issuer) {
        (Some(assertion), Some(issuer)) => {
            let assertion = (request.client_assertion_type.as_deref(), assertion.as_str());
            let (issuer, now) = (std::slice::from_ref(issuer), state.now());
            let mut registrations = state.registrations();
            registrations.verify(Some(cloud), client.client_id, issuer, assertion, now).is_ok()
        }
        _ => {
            let secret = request.client_secret.as_deref();
            secret.is_some_and(|secret| state.registrations().has_secret(Some(cloud), secret))
        }
    };
    if is_known && is_authentic { Ok(()) } else { Err(TokenError::InvalidClient) }
}

/// Redeems a code: once, with its redirect URI and the verifier of its challenge.
fn redeem_code(
    state: &EmulatorState,
    cloud: Cloud,
    request: &TokenRequest,
) -> Result<Issued, TokenError> {
    let code = request.code.as_deref().ok_or(TokenError::MissingParameter("code"))?;
    let now = state.now();
    let grant = state.cloud_codes().redeem(code, now, |grant: &Grant| {
        if grant.cloud != cloud {
            return Err(CodeError::Unknown.into());
        }
        same_redirect_uri(request, grant)?;
        verify_pkce(request.code_verifier.as_deref(), grant.challenge.as_deref())
    })?;
    let refresh = cloud.profile().refresh.as_ref().filter(|_| grant.offline);
    let refresh_token = refresh.map(|refresh| new_refresh_token(state, refresh, &grant, now));
    Ok(issue(state, grant, "authorization_code", refresh_token, now))
}

fn same_redirect_uri(request: &TokenRequest, grant: &Grant) -> Result<(), TokenError> {
    match &request.redirect_uri {
        Some(uri) if *uri == grant.redirect_uri => Ok(()),
        Some(_) => Err(TokenError::RedirectUri),
        None if grant.cloud.profile().optional.contains(&Field::RedirectUri) => Ok(()),
        None => Err(TokenError::MissingParameter("redirect_uri")),
    }
}

fn verify_pkce(verifier: Option<&str>, challenge: Option<&str>) -> Result<(), TokenError> {
    match (verifier, challenge) {
        (None, None) => Ok(()),
        (Some(verifier), Some(challenge)) if sha256_base64url(verifier) == challenge => Ok(()),
        _ => Err(TokenError::Verifier),
    }
}

fn redeem_refresh_token(
    state: &EmulatorState,
    cloud: Cloud,
    request: &TokenRequest,
) -> Result<Issued, TokenError> {
    let refresh = cloud.profile().refresh.as_ref().ok_or(TokenError::UnsupportedGrantType)?;
    let old =
        request.refresh_token.as_deref().ok_or(TokenError::MissingParameter("refresh_token"))?;
    let now = state.now();
    let grant = take_refresh_token(state, cloud, old, refresh.rotation == Rotation::Replaced, now)?;
    let refresh_token = match refresh.rotation {
        Rotation::Omitted => None,
        Rotation::Same => Some(old.to_owned()),
        Rotation::Additional | Rotation::Replaced => {
            Some(new_refresh_token(state, refresh, &grant, now))
        }
    };
    // A nonce belongs to an authorization request; a refresh has none.
    let grant = Grant { nonce: None, ..grant };
    Ok(issue(state, grant, "refresh_token", refresh_token, now))
}

/// Finds and revokes under one lock, so that concurrent requests cannot both use a single-use token.
fn take_refresh_token(
    state: &EmulatorState,
    cloud: Cloud,
    token: &str,
    single_use: bool,
    now: i64,
) -> Result<Grant, TokenError> {
    let mut tokens = state.cloud_tokens();
    let grant =
        tokens.find(token, TokenKind::Refresh, cloud, now).ok_or(TokenError::RefreshToken)?;
    if single_use {
        tokens.revoke(token);
    }
    Ok(grant)
}

fn new_refresh_token(
    state: &EmulatorState,
    refresh: &RefreshPolicy,
    grant: &Grant,
    now: i64,
) -> String {
    let token = refresh.token.generate();
    state.cloud_tokens().insert(&token, TokenKind::Refresh, grant, refresh.token.expires_at(now));
    token
}

fn issue(
    state: &EmulatorState,
    grant: Grant,
    grant_type: &'static str,
    refresh_token: Option<String>,
    now: i64,
) -> Issued {
    let access = &grant.cloud.profile().access;
    let access_token = access.generate();
    let lifetime = state.token_settings().access_token_lifetime.map(i64::from).or(access.lifetime);
    let expires_at = lifetime.map_or(i64::MAX, |lifetime| now.saturating_add(lifetime));
    state.cloud_tokens().insert(&access_token, TokenKind::Access, &grant, expires_at);
    Issued { grant, grant_type, access_token, refresh_token, expires_in: lifetime }
}
