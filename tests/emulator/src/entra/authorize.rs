//! `/{tenant}/oauth2/v2.0/authorize`: a person says who they are, and the client gets a code.

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::codes::CodeGrant;
use super::refusal::Refusal;
use super::request::{Ask, Client};
use super::{Authority, issuer};
use crate::base::Base;
use crate::bytes::guid;
use crate::faults::{FaultKind, SentIssuer, Target};
use crate::journal::Form;
use crate::page;
use crate::params::Params;
use crate::personas::{Person, WORLD};
use crate::state::{Running, Shared};

/// The request as a browser brings it, or as an application posts it.
pub(crate) async fn get(
    State(state): State<Shared>,
    base: Base,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&state, &base, &tenant, &Params::parse(query.unwrap_or_default().as_bytes()))
}

/// The sign-in page's answer: the same request, with `persona`.
pub(crate) async fn post(
    State(state): State<Shared>,
    base: Base,
    Path(tenant): Path<String>,
    Extension(Form(params)): Extension<Form>,
) -> Response {
    answer(&state, &base, &tenant, &params)
}

fn answer(state: &Running, base: &Base, tenant: &str, params: &Params) -> Response {
    let trusted = Authority::parse(tenant)
        .and_then(|authority| Ok((authority, Client::parse(state, params)?)));
    let (authority, client) = match trusted {
        Ok(trusted) => trusted,
        Err(refusal) => {
            return page::html(StatusCode::BAD_REQUEST, page::refused(&refusal.description()));
        }
    };
    match sign_in(state, base, authority, &client, params) {
        Ok(Outcome::Code { code, tenant }) => {
            let iss = sent_issuer(state, issuer(base, tenant));
            redirect(&client, &[("code", &code), ("session_state", &guid())], iss)
        }
        Ok(Outcome::Ask) => page::html(StatusCode::OK, page::sign_in(authority, params)),
        Err(refusal) => {
            let fields =
                [("error", refusal.error()), ("error_description", &refusal.description())];
            redirect(&client, &fields, sent_issuer(state, authority.issuer(base)))
        }
    }
}

enum Outcome {
    /// The person is in.
    Code { code: String, tenant: &'static str },
    /// Nobody said yet who they are.
    Ask,
}

fn sign_in(
    state: &Running,
    base: &Base,
    authority: Authority,
    client: &Client,
    params: &Params,
) -> Result<Outcome, Refusal> {
    let ask = Ask::parse(state, base, params)?;
    oauth_error(state, Target::Authorize, None)?;
    let Some(person) = who(params) else {
        if !ask.silent {
            return Ok(Outcome::Ask);
        }
        let text = "Session information is not sufficient for single-sign-on.";
        return Err(Refusal::new("login_required", 50058, text));
    };
    let membership = authority.admit(person)?;
    consent(person, ask.silent)?;
    let grant = CodeGrant {
        person,
        membership,
        redirect_uri: client.spelled.clone(),
        challenge: ask.challenge,
        nonce: ask.nonce,
        scope: ask.scope,
        mfa: ask.second_factor || membership.tenant.wants_mfa,
    };
    let now = state.now();
    Ok(Outcome::Code { code: state.codes().issue(grant, now), tenant: membership.tenant.id })
}

/// The error that a fault puts in the place of success.
pub(crate) fn oauth_error(
    state: &Running,
    target: Target,
    grant: Option<&str>,
) -> Result<(), Refusal> {
    let lies = state.lies(target, grant, |kind| matches!(kind, FaultKind::OauthError { .. }));
    match lies.into_iter().next() {
        Some(FaultKind::OauthError { error, description }) => {
            Err(Refusal::verbatim(error, description))
        }
        _ => Ok(()),
    }
}

fn who(params: &Params) -> Option<&'static Person> {
    WORLD.person(params.get("persona").or_else(|| params.get("login_hint"))?)
}

fn consent(person: &Person, silent: bool) -> Result<(), Refusal> {
    match (person.refuses_consent, silent) {
        (false, _) => Ok(()),
        (true, false) => {
            Err(Refusal::new("access_denied", 65004, "User declined to consent to access the app."))
        }
        (true, true) => Err(Refusal::new(
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

/// RFC 9207's `iss`, where a fault has it sent.
fn sent_issuer(state: &Running, right: String) -> Option<String> {
    match state.sent_issuer()? {
        SentIssuer::Right => Some(right),
        SentIssuer::Wrong => Some("https://sts.other.example/v2.0".to_owned()),
        SentIssuer::Absent => None,
    }
}

fn redirect(client: &Client, fields: &[(&str, &str)], iss: Option<String>) -> Response {
    let mut url: Url = client.redirect_uri.clone();
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(fields);
        if let Some(state) = &client.state {
            query.append_pair("state", state);
        }
        if let Some(iss) = &iss {
            query.append_pair("iss", iss);
        }
    }
    found(&url)
}

/// 302, never cached.
pub(crate) fn found(url: &Url) -> Response {
    match HeaderValue::from_str(url.as_str()) {
        Ok(location) => {
            let headers = [
                (header::LOCATION, location),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ];
            (StatusCode::FOUND, headers).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
