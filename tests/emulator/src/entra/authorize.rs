//! `/{tenant}/oauth2/v2.0/authorize`: a person says who they are, and the client gets a code.

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::codes::{CodeGrant, PREFIX};
use super::refusal::Refusal;
use super::request::{Ask, callback};
use super::{Authority, issuer};
use crate::base::Base;
use crate::bytes::guid;
use crate::callback::{self, Callback};
use crate::faults::Target;
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
    let trusted =
        Authority::parse(tenant).and_then(|authority| Ok((authority, callback(state, params)?)));
    let (authority, callback) = match trusted {
        Ok(trusted) => trusted,
        Err(refusal) => {
            return page::html(StatusCode::BAD_REQUEST, page::refused(&refusal.description()));
        }
    };
    let iss = |right| callback::iss(state.sent_issuer(Target::Discovery)?, right);
    match sign_in(state, base, authority, &callback, params) {
        Ok(Outcome::Code { code, tenant }) => {
            let fields = [("code", code.as_str()), ("session_state", &guid())];
            callback.answer(&fields, iss(issuer(base, tenant)))
        }
        Ok(Outcome::Ask) => page::html(StatusCode::OK, ask(authority, params)),
        Err(refusal) => {
            let fields =
                [("error", refusal.error()), ("error_description", &refusal.description())];
            callback.answer(&fields, iss(authority.issuer(base)))
        }
    }
}

/// The page for a tenant offers its own people and guests.
fn ask(authority: Authority, params: &Params) -> String {
    let (account, tenant) = match authority {
        Authority::Tenant(tenant) => (Some(tenant.name), Some(tenant.id)),
        Authority::Any(_) => (None, None),
    };
    let belongs = |person: &Person| tenant.is_none_or(|id| person.membership(id).is_some());
    let action = format!("/{}/oauth2/v2.0/authorize", authority.segment());
    page::sign_in(account, &action, belongs, params)
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
    callback: &Callback,
    params: &Params,
) -> Result<Outcome, Refusal> {
    let ask = Ask::parse(state, base, params)?;
    oauth_error(state, Target::Authorize, None)?;
    let Some(person) = callback::who(params) else {
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
        redirect_uri: callback.spelled.clone(),
        challenge: ask.challenge,
        nonce: ask.nonce,
        scope: ask.scope,
        mfa: ask.second_factor || membership.tenant.wants_mfa,
    };
    let now = state.now();
    Ok(Outcome::Code {
        code: state.codes().issue(PREFIX, grant, now),
        tenant: membership.tenant.id,
    })
}

/// The error that a fault puts in the place of success.
pub(crate) fn oauth_error(
    state: &Running,
    target: Target,
    grant: Option<&str>,
) -> Result<(), Refusal> {
    match state.oauth_error(target, grant) {
        Some((error, description)) => Err(Refusal::verbatim(error, description)),
        None => Ok(()),
    }
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
