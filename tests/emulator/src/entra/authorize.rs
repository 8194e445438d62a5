//! `/{tenant}/oauth2/v2.0/authorize`: signs a person in and redirects to the client with a code.

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::code::PREFIX;
use super::error::EntraError;
use super::refused;
use super::request::{AuthorizationRequest, callback};
use super::{Authority, issuer};
use crate::base_url::BaseUrl;
use crate::bytes::guid;
use crate::callback::{self, Callback};
use crate::directory::{SESSION_COOKIE as COOKIE, SignIn};
use crate::faults::{Occasion, Target};
use crate::grants::CodeGrant;
use crate::page;
use crate::params::Params;
use crate::personas::{Person, Tenant, WORLD};
use crate::recorder::Form;
use crate::state::{EmulatorState, SharedState};

/// The authorization request in the query.
pub(crate) async fn get(
    State(state): State<SharedState>,
    base: BaseUrl,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    authorize(&state, &base, &tenant, &params, &headers)
}

/// The authorization request as a form; the sign-in page adds `persona`.
pub(crate) async fn post(
    State(state): State<SharedState>,
    base: BaseUrl,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Extension(Form(params)): Extension<Form>,
) -> Response {
    authorize(&state, &base, &tenant, &params, &headers)
}

fn authorize(
    state: &EmulatorState,
    base: &BaseUrl,
    tenant: &str,
    params: &Params,
    headers: &HeaderMap,
) -> Response {
    let trusted =
        Authority::parse(tenant).and_then(|authority| Ok((authority, callback(state, params)?)));
    let (authority, callback) = match trusted {
        Ok(trusted) => trusted,
        Err(error) => {
            return page::html(StatusCode::BAD_REQUEST, page::refused(&error.description()));
        }
    };
    let iss = |right| callback::iss_parameter(state.sent_issuer(Target::Discovery)?, right);
    match sign_in(state, base, authority, &callback, (params, headers)) {
        Ok(Outcome::Code { code, tenant, session }) => {
            let fields = [("code", code.as_str()), ("session_state", &guid())];
            let response = callback.redirect(&fields, iss(issuer(base, tenant)));
            match session {
                Some(session) => with_session(response, &session),
                None => response,
            }
        }
        Ok(Outcome::SignInPage) => page::html(StatusCode::OK, sign_in_page(authority, params)),
        Err(error) => {
            let fields = [("error", error.error()), ("error_description", &error.description())];
            callback.redirect(&fields, iss(authority.issuer(base)))
        }
    }
}

/// The response with the cookie of the browser's session.
fn with_session(mut response: Response, session: &str) -> Response {
    let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The sign-in page; a tenant's page offers its members and guests.
fn sign_in_page(authority: Authority, params: &Params) -> String {
    let (account, tenant) = match authority {
        Authority::Tenant(tenant) => (Some(tenant.name), Some(tenant.id)),
        Authority::Any(_) => (None, None),
    };
    let belongs = |person: &Person| tenant.is_none_or(|id| person.membership(id).is_some());
    let action = format!("/{}/oauth2/v2.0/authorize", authority.segment());
    page::sign_in(account, &action, belongs, params)
}

enum Outcome {
    /// The person has signed in.
    Code { code: String, tenant: &'static str, session: Option<String> },
    /// The request names no person.
    SignInPage,
}

fn sign_in(
    state: &EmulatorState,
    base: &BaseUrl,
    authority: Authority,
    callback: &Callback,
    (params, headers): (&Params, &HeaderMap),
) -> Result<Outcome, EntraError> {
    let request = AuthorizationRequest::parse(state, base, params)?;
    let occasion = Occasion::at(Target::Authorize).tenant(authority.tenant_id());
    oauth_error(state, occasion)?;
    let Some(person) = callback::hinted_person(params) else {
        if !request.silent {
            return Ok(Outcome::SignInPage);
        }
        let text = "Session information is not sufficient for single-sign-on.";
        return Err(EntraError::new("login_required", 50058, text));
    };
    let membership = authority.admit(person)?;
    consent(person, request.silent)?;
    let mut sign_in = prove(state, person, membership.tenant, &request)?;
    if state.token_settings().session_ids {
        sign_in.session = Some(state.directory().sessions.signed_in(person, headers));
    }
    let session = sign_in.session.clone();
    let grant = CodeGrant {
        person,
        membership,
        redirect_uri: callback.redirect_uri_text.clone(),
        challenge: request.challenge,
        nonce: request.nonce,
        scope: request.scope,
        sign_in,
    };
    let now = state.now();
    Ok(Outcome::Code {
        code: state.codes().issue(PREFIX, grant, now),
        tenant: membership.tenant.id,
        session,
    })
}

/// What the sign-in proves to the tenant; an error if the tenant refuses it.
fn prove(
    state: &EmulatorState,
    person: &'static Person,
    tenant: &'static Tenant,
    request: &AuthorizationRequest,
) -> Result<SignIn, EntraError> {
    let mut directory = state.directory();
    if request.silent {
        // Nobody is there to prove anything.
        let sign_in = SignIn { tenant: tenant.id.to_owned(), ..SignIn::default() };
        let refusal = directory.refusals.of(tenant, person, &sign_in);
        let error = refusal.and_then(|it| refused::at_sign_in(&it, tenant, person, true));
        return error.map_or(Ok(sign_in), Err);
    }
    let sign_in = directory.refusals.signed_in(person, tenant, request.claims.clone());
    let refusal = directory.refusals.of(tenant, person, &sign_in);
    let error = refusal.and_then(|it| refused::at_sign_in(&it, tenant, person, false));
    error.map_or(Ok(sign_in), Err)
}

/// The error that a fault returns instead of success.
pub(crate) fn oauth_error(state: &EmulatorState, occasion: Occasion<'_>) -> Result<(), EntraError> {
    match state.oauth_error(occasion) {
        Some((error, description)) => Err(EntraError::verbatim(error, description)),
        None => Ok(()),
    }
}

fn consent(person: &Person, silent: bool) -> Result<(), EntraError> {
    match (person.refuses_consent, silent) {
        (false, _) => Ok(()),
        (true, false) => Err(EntraError::new(
            "access_denied",
            65004,
            "User declined to consent to access the app.",
        )),
        (true, true) => Err(EntraError::new(
            "consent_required",
            65001,
            format!(
                "The user or administrator has not consented to use the application with ID '{}'. Send an interactive \
             authorization request for this user and resource.",
                WORLD.application.client_id
            ),
        )),
    }
}
