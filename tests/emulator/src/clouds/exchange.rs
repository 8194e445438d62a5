//! The token endpoint of every cloud: a code or a refresh token for new tokens. Reading the request is half the cloud's
//! own business, writing the answer all of it.

use axum::http::{HeaderMap, header};
use serde::Deserialize;

use super::profile::{Field, Refresh, Used};
use super::refused::Refused;
use super::tokens::Kind;
use super::{Cloud, Grant};
use crate::basic::basic;
use crate::bytes::sha256_base64url;
use crate::codes::Spent;
use crate::faults::Target;
use crate::params::Params;
use crate::state::Running;

/// A token request. AWS posts it as JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Asked {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

impl Asked {
    /// From a form, with the client's credentials in it or in a Basic header.
    pub(crate) fn of_form(headers: &HeaderMap, form: &Params) -> Result<Self, Refused> {
        if form.repeated().is_some() {
            return Err(Refused::Malformed);
        }
        let field = |name| form.get(name).map(str::to_owned);
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (client_id, client_secret) = match header {
            Some(value) => basic(value).map(|(id, secret)| (Some(id), Some(secret))),
            None => Some((field("client_id"), field("client_secret"))),
        }
        .ok_or(Refused::Client)?;
        Ok(Self {
            grant_type: field("grant_type"),
            client_id,
            client_secret,
            code: field("code"),
            redirect_uri: field("redirect_uri"),
            code_verifier: field("code_verifier"),
            refresh_token: field("refresh_token"),
        })
    }
}

/// What the answer says.
pub(crate) struct Issued {
    pub(crate) grant: Grant,
    /// The grant type, which faults can pick.
    pub(crate) grant_type: &'static str,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// Seconds that the access token lives.
    pub(crate) expires_in: Option<i64>,
}

/// New tokens, or why not.
pub(crate) fn exchange(state: &Running, cloud: Cloud, asked: &Asked) -> Result<Issued, Refused> {
    authenticate(cloud, asked)?;
    let grant_type = asked.grant_type.as_deref().ok_or(Refused::Missing("grant_type"))?;
    if let Some((error, text)) = state.oauth_error(Target::CloudToken(cloud), Some(grant_type)) {
        return Err(Refused::Told(error, text));
    }
    match grant_type {
        "authorization_code" => by_code(state, cloud, asked),
        "refresh_token" => by_refresh_token(state, cloud, asked),
        _ => Err(Refused::UnsupportedGrant),
    }
}

fn authenticate(cloud: Cloud, asked: &Asked) -> Result<(), Refused> {
    let client = cloud.client();
    let is_known = match asked.client_id.as_deref() {
        Some(id) => id == client.client_id,
        None => cloud.profile().optional.contains(&Field::ClientId),
    };
    let is_secret = asked.client_secret.as_deref() == Some(client.client_secret);
    if is_known && is_secret { Ok(()) } else { Err(Refused::Client) }
}

/// Once, at the same redirect URI, with the verifier of the challenge.
fn by_code(state: &Running, cloud: Cloud, asked: &Asked) -> Result<Issued, Refused> {
    let code = asked.code.as_deref().ok_or(Refused::Missing("code"))?;
    let now = state.now();
    let grant = state.cloud_codes().redeem(code, now, |grant: &Grant| {
        if grant.cloud != cloud {
            return Err(Spent::Unknown.into());
        }
        same_redirect_uri(asked, grant)?;
        verify(asked.code_verifier.as_deref(), grant.challenge.as_deref())
    })?;
    let refresh = cloud.profile().refresh.as_ref().filter(|_| grant.offline);
    let refresh_token = refresh.map(|refresh| new_refresh_token(state, refresh, &grant, now));
    Ok(issue(state, grant, "authorization_code", refresh_token, now))
}

fn same_redirect_uri(asked: &Asked, grant: &Grant) -> Result<(), Refused> {
    match &asked.redirect_uri {
        Some(given) if *given == grant.redirect_uri => Ok(()),
        Some(_) => Err(Refused::RedirectUri),
        None if grant.cloud.profile().optional.contains(&Field::RedirectUri) => Ok(()),
        None => Err(Refused::Missing("redirect_uri")),
    }
}

fn verify(verifier: Option<&str>, challenge: Option<&str>) -> Result<(), Refused> {
    match (verifier, challenge) {
        (None, None) => Ok(()),
        (Some(verifier), Some(challenge)) if sha256_base64url(verifier) == challenge => Ok(()),
        _ => Err(Refused::Verifier),
    }
}

fn by_refresh_token(state: &Running, cloud: Cloud, asked: &Asked) -> Result<Issued, Refused> {
    let refresh = cloud.profile().refresh.as_ref().ok_or(Refused::UnsupportedGrant)?;
    let old = asked.refresh_token.as_deref().ok_or(Refused::Missing("refresh_token"))?;
    let now = state.now();
    let grant = take_refresh_token(state, cloud, old, refresh.used == Used::Replaced, now)?;
    let refresh_token = match refresh.used {
        Used::Unmentioned => None,
        Used::Same => Some(old.to_owned()),
        Used::Another | Used::Replaced => Some(new_refresh_token(state, refresh, &grant, now)),
    };
    // The nonce is the sign-in's, and this is none.
    let grant = Grant { nonce: None, ..grant };
    Ok(issue(state, grant, "refresh_token", refresh_token, now))
}

/// Under one lock: of two requests with a token that works once, one is refused.
fn take_refresh_token(
    state: &Running,
    cloud: Cloud,
    token: &str,
    once: bool,
    now: i64,
) -> Result<Grant, Refused> {
    let mut tokens = state.cloud_tokens();
    let grant = tokens.grant(token, Kind::Refresh, cloud, now).ok_or(Refused::RefreshToken)?;
    if once {
        tokens.forget(token);
    }
    Ok(grant)
}

fn new_refresh_token(state: &Running, refresh: &Refresh, grant: &Grant, now: i64) -> String {
    let token = refresh.token.spell();
    state.cloud_tokens().keep(&token, Kind::Refresh, grant, refresh.token.until(now));
    token
}

fn issue(
    state: &Running,
    grant: Grant,
    grant_type: &'static str,
    refresh_token: Option<String>,
    now: i64,
) -> Issued {
    let access = &grant.cloud.profile().access;
    let access_token = access.spell();
    state.cloud_tokens().keep(&access_token, Kind::Access, &grant, access.until(now));
    Issued { grant, grant_type, access_token, refresh_token, expires_in: access.life }
}
