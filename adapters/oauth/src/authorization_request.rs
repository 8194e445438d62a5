//! The request that a browser takes to the provider (RFC 6749 section 4.1.1, OpenID Connect Core
//! section 3.1.2.1).

use std::borrow::Cow;

use oauth2::{CsrfToken, RedirectUrl, Scope};
use portico_domain::{
    ports::{AuthorizationRequest, Prompt},
    provider::{Endpoints, SignIn},
};
use url::Url;

use crate::token_endpoint::Client;

/// The parameters that are Portico's: a provider adds to them and replaces none.
const OURS: [&str; 10] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
];

/// Where to send the browser.
pub(crate) fn url(client: &Client, sign_in: &SignIn, request: &AuthorizationRequest<'_>) -> Url {
    let secrets = request.secrets;
    let redirect_uri = RedirectUrl::from_url(request.redirect_uri.clone());
    let mut wanted = client
        .authorize_url(|| CsrfToken::new(secrets.state.expose().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect_uri))
        .add_scopes(sign_in.scopes.iter().cloned().map(Scope::new))
        .add_extra_param("code_challenge", secrets.verifier.challenge())
        .add_extra_param("code_challenge_method", "S256");
    // A nonce comes back in an ID token, and nowhere else.
    if let Endpoints::OpenId(_) = &sign_in.endpoints {
        wanted = wanted.add_extra_param("nonce", secrets.nonce.expose());
    }
    for (name, value) in &sign_in.parameters {
        let asked_for = (name == "login_hint" && request.login_hint.is_some())
            || (name == "prompt" && request.prompt.is_some());
        if !OURS.contains(&name.as_str()) && !asked_for {
            wanted = wanted.add_extra_param(name, value);
        }
    }
    if let Some(hint) = request.login_hint {
        wanted = wanted.add_extra_param("login_hint", hint);
    }
    if let Some(prompt) = request.prompt {
        wanted = wanted.add_extra_param("prompt", word(prompt));
    }
    wanted.url().0
}

fn word(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::None => "none",
        Prompt::Login => "login",
        Prompt::Consent => "consent",
        Prompt::SelectAccount => "select_account",
    }
}
