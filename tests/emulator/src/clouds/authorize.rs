//! The authorization endpoint of every cloud: signs a person in and redirects to the client with a code.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::profile::Issuance;
use crate::base_url::BaseUrl;
use crate::callback::{self, Callback};
use crate::cloud::Cloud;
use crate::faults::{Occasion, Target};
use crate::grants::Grant;
use crate::page;
use crate::params::Params;
use crate::personas::Person;
use crate::recorder::Form;
use crate::state::{EmulatorState, SharedState};

/// The authorization request in the query.
pub(crate) async fn get(
    State(state): State<SharedState>,
    Extension(cloud): Extension<Cloud>,
    base: BaseUrl,
    RawQuery(query): RawQuery,
) -> Response {
    let brought = Params::parse(query.unwrap_or_default().as_bytes());
    if cloud != Cloud::Oidc {
        return authorize(&state, cloud, &base, &brought);
    }
    let now = state.now();
    let request = state.pushed().resolve(&brought, now);
    match request {
        Ok(request) => authorize(&state, cloud, &base, &request),
        Err(why) => page::html(StatusCode::BAD_REQUEST, page::refused(why)),
    }
}

/// The authorization request as a form; the sign-in page adds `persona`.
pub(crate) async fn post(
    State(state): State<SharedState>,
    Extension(cloud): Extension<Cloud>,
    base: BaseUrl,
    Extension(Form(params)): Extension<Form>,
) -> Response {
    authorize(&state, cloud, &base, &params)
}

/// OAuth error code and description.
type OauthError = (String, String);

fn oauth_error(error: &str, description: &str) -> OauthError {
    (error.to_owned(), description.to_owned())
}

fn authorize(state: &EmulatorState, cloud: Cloud, base: &BaseUrl, params: &Params) -> Response {
    let callback = match callback_of(state, cloud, params) {
        Ok(callback) => callback,
        Err(why) => return page::html(StatusCode::BAD_REQUEST, page::refused(&why)),
    };
    let sent = state.sent_issuer(Target::CloudDiscovery(cloud));
    let iss = sent.and_then(|sent| callback::iss_parameter(sent, cloud.root(base)));
    match sign_in(state, cloud, &callback, params) {
        Ok(Some(code)) => callback.redirect(&[("code", &code)], iss),
        Ok(None) => {
            let action = format!("/{}{}", cloud.name(), cloud.endpoints().authorize);
            page::html(
                StatusCode::OK,
                page::sign_in(Some(cloud.title()), &action, |_| true, params),
            )
        }
        Err((error, description)) => {
            callback.redirect(&[("error", &error), ("error_description", &description)], iss)
        }
    }
}

/// The destination of the response; the error is the text of a page, since it must not be redirected.
fn callback_of(state: &EmulatorState, cloud: Cloud, params: &Params) -> Result<Callback, String> {
    if let Some(name) = params.repeated() {
        return Err(format!("invalid_request: the parameter '{name}' came more than once."));
    }
    let missing = |name| format!("invalid_request: the parameter '{name}' is missing.");
    let client_id = params.get("client_id").ok_or_else(|| missing("client_id"))?;
    if client_id != cloud.client().client_id {
        return Err(format!("invalid_client: no application has the id '{client_id}'."));
    }
    let redirect_uri_text = params.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    Callback::parse(state, redirect_uri_text, params).ok_or_else(|| {
        format!(
            "redirect_uri_mismatch: '{redirect_uri_text}' is no redirect URI of the application."
        )
    })
}

/// Issues a code; `None` if the request names no person.
fn sign_in(
    state: &EmulatorState,
    cloud: Cloud,
    callback: &Callback,
    params: &Params,
) -> Result<Option<String>, OauthError> {
    if params.get("response_type") != Some("code") {
        return Err(oauth_error(
            "unsupported_response_type",
            "The response type has to be 'code'.",
        ));
    }
    let challenge = challenge(cloud, params)?;
    let scope = scope(cloud, params)?;
    if let Some(error) = state.oauth_error(Occasion::at(Target::CloudAuthorize(cloud))) {
        return Err(error);
    }
    let silent = params.get("prompt") == Some("none");
    let Some(person) = callback::hinted_person(params) else {
        let why = "Nobody is signed in.";
        return if silent { Err(oauth_error("login_required", why)) } else { Ok(None) };
    };
    consent(person, silent)?;
    let grant = Grant {
        cloud,
        person,
        redirect_uri: callback.redirect_uri_text.clone(),
        challenge,
        nonce: params.get("nonce").map(str::to_owned),
        offline: is_offline(cloud, &scope, params),
        scope,
    };
    Ok(Some(state.cloud_codes().issue("", grant, state.now())))
}

/// The requested scope; AWS calls the parameter `scopes`.
fn scope(cloud: Cloud, params: &Params) -> Result<String, OauthError> {
    let scope = params.get("scope").or_else(|| params.get("scopes")).or(cloud.profile().scope);
    let why = "The parameter 'scope' is missing.";
    scope.map(str::to_owned).ok_or_else(|| oauth_error("invalid_request", why))
}

/// PKCE (RFC 7636), S256 only.
fn challenge(cloud: Cloud, params: &Params) -> Result<Option<String>, OauthError> {
    let invalid_request = |why| Err(oauth_error("invalid_request", why));
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, _) if cloud.profile().needs_pkce => invalid_request("A code challenge is required."),
        (None, _) => Ok(None),
        (Some(challenge), Some("S256")) if challenge.len() == 43 => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => invalid_request("A code challenge has 43 characters."),
        (Some(_), _) => invalid_request("The code challenge method has to be 'S256'."),
    }
}

fn is_offline(cloud: Cloud, scope: &str, params: &Params) -> bool {
    let issuance = cloud.profile().refresh.as_ref().map(|refresh| refresh.issuance);
    match issuance {
        None => false,
        Some(Issuance::Always) => true,
        Some(Issuance::WithOfflineAccessType) => params.get("access_type") == Some("offline"),
        Some(Issuance::WithOfflineAccessScope) => {
            scope.split(' ').any(|scope| scope == "offline_access")
        }
    }
}

fn consent(person: &Person, silent: bool) -> Result<(), OauthError> {
    match (person.refuses_consent, silent) {
        (false, _) => Ok(()),
        (true, false) => Err(oauth_error(
            "access_denied",
            "The resource owner or authorization server denied the request.",
        )),
        (true, true) => Err(oauth_error("consent_required", "The person has not consented.")),
    }
}
