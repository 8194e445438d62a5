//! Token exchange (RFC 8693).

use std::time::Duration;

use portico_domain::{
    account::AccountId,
    apps::Resource,
    identity::TenantId,
    ports::IdentityProviderError,
    use_cases::{ExchangeError, ExchangeRequest, Exchanged, NeedsPerson, TokenError},
};
use serde::Serialize;
use url::form_urlencoded;
use warp::reply::Response;

use super::{Backends, form::Form, invalid_subject};
use crate::{
    error::{ErrorCode, Failure},
    request::Call,
    response::{json, private_json},
};

/// The grant (RFC 8693 section 2.1).
pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The types of a session JWT, and of what is issued (RFC 8693 section 3).
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// The longest scope of a request, in bytes.
const MAX_SCOPE: usize = 2_000;

/// A successful response (RFC 8693 section 2.2.1), with the account and tenant.
#[derive(Serialize)]
struct TokenResponse<'a> {
    access_token: &'a str,
    issued_token_type: &'static str,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    account: &'a str,
    tenant: &'a str,
}

impl Backends {
    pub(super) async fn exchange(&self, call: &Call) -> Result<Response, Failure> {
        let mut form = Form::of(call)?;
        // Before all else: what is wrong with the rest is nobody's business but the backend's.
        let app = self.client(call, &mut form)?;
        let request = request(&mut form)?;
        let exchanged = self.exchange.run(&app, request).await;
        let exchanged = exchanged.map_err(|error| self.failure(&error))?;
        Ok(self.token_response(&exchanged))
    }

    fn token_response(&self, exchanged: &Exchanged) -> Response {
        let Exchanged { access, expires_at, scopes, account, tenant } = exchanged;
        let left: Duration = expires_at.since(self.authenticate.clock.now());
        private_json(json(&TokenResponse {
            access_token: access.expose(),
            issued_token_type: ACCESS_TOKEN,
            token_type: "Bearer",
            expires_in: left.as_secs(),
            scope: scopes.join(" "),
            account: account.as_str(),
            tenant: tenant.as_str(),
        }))
    }

    fn failure(&self, error: &ExchangeError) -> Failure {
        let code = match error {
            ExchangeError::Subject(error) => return invalid_subject(error),
            ExchangeError::NeedsPerson(needs) => return self.needs_person(needs),
            ExchangeError::Token(TokenError::Store(error)) => return Failure::store(error),
            ExchangeError::Token(TokenError::Failed(
                IdentityProviderError::Refused { .. } | IdentityProviderError::Misconfigured(_),
            )) => ErrorCode::ExchangeRefused,
            ExchangeError::Token(_) => ErrorCode::BackendProviderAway,
            ExchangeError::NoBackend => ErrorCode::UnauthorizedClient,
            ExchangeError::Target => ErrorCode::InvalidTarget,
            ExchangeError::Fixed(_) => ErrorCode::FixedTarget,
            ExchangeError::NoAccount => ErrorCode::NoSuchAccount,
            ExchangeError::SeveralAccounts => ErrorCode::SeveralAccounts,
            ExchangeError::Scope | ExchangeError::Granted => ErrorCode::InvalidScope,
        };
        Failure::from(code).because(error)
    }

    /// What only the person can mend, with the page where they do.
    fn needs_person(&self, needs: &NeedsPerson) -> Failure {
        let NeedsPerson { account, tenant, challenge } = needs;
        let claims = challenge.as_ref().and_then(|challenge| challenge.claims.as_deref());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("tenant", tenant.as_str());
        // A sign-in takes the claims that the session holds alone: those of the account's own tenant.
        if let Some(claims) = claims.filter(|_| *tenant == account.identity.tenant) {
            query.append_pair("claims", claims);
        }
        let path = format!("/api/login/{}?{}", account.provider, query.finish());
        let failure = Failure::from(ErrorCode::PersonNeeded);
        let failure = match self.portico.join(&path) {
            Ok(repair) => failure.with_member("repair_uri", repair.as_str().into()),
            Err(_) => failure,
        };
        match claims {
            Some(claims) => failure.with_member("claims", claims.into()),
            None => failure,
        }
    }
}

/// Parses the form of a request.
#[cfg(feature = "testing")]
pub(crate) fn exchange_request(body: &[u8]) -> Result<ExchangeRequest, Failure> {
    request(&mut Form::decode(body)?)
}

/// Parses the parameters.
fn request(form: &mut Form) -> Result<ExchangeRequest, Failure> {
    if form.require("grant_type")? != TOKEN_EXCHANGE {
        return Err(ErrorCode::UnsupportedGrantType.into());
    }
    let subject_token = form.require("subject_token")?;
    if !matches!(form.require("subject_token_type")?.as_str(), ACCESS_TOKEN | JWT) {
        return Err(ErrorCode::BadTokenType.into());
    }
    let requested = form.parameters.take("requested_token_type");
    if requested.is_some_and(|requested| requested != ACCESS_TOKEN) {
        return Err(ErrorCode::BadTokenType.into());
    }
    // The actor is the client: a backend acts for itself alone.
    let actor = ["actor_token", "actor_token_type"].map(|name| form.parameters.take(name));
    if actor.iter().any(Option::is_some) {
        return Err(ErrorCode::ActorToken.into());
    }
    let account = form.parameters.take("account").map(AccountId::from_text);
    let tenant = form.parameters.take("tenant").map(|text| TenantId::parse(&text));
    let tenant = tenant.transpose().map_err(|_| ErrorCode::InvalidTarget)?;
    let scopes = scopes(&form.parameters.take("scope").unwrap_or_default())?;
    let resource = resource(&form.targets)?;
    Ok(ExchangeRequest { subject_token, resource, account, tenant, scopes })
}

/// The one API that `resource` and `audience` name.
fn resource(targets: &[String]) -> Result<Resource, Failure> {
    let mut resources = targets.iter().map(|text| Resource::parse(text));
    let first = resources.next().ok_or(ErrorCode::NoTarget)?;
    let first = first.map_err(|_| ErrorCode::InvalidTarget)?;
    let is_one = resources.all(|other| other.as_ref() == Ok(&first));
    if is_one { Ok(first) } else { Err(ErrorCode::InvalidTarget.into()) }
}

/// The scopes of a list (RFC 6749 section 3.3).
fn scopes(list: &str) -> Result<Vec<String>, Failure> {
    let allowed = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if list.len() > MAX_SCOPE || !list.bytes().all(allowed) {
        return Err(ErrorCode::InvalidScope.into());
    }
    Ok(list.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}
