//! The request that a browser takes to the provider (RFC 6749 section 4.1.1, OpenID Connect Core
//! section 3.1.2.1).

use std::borrow::Cow;

use oauth2::{CsrfToken, RedirectUrl};
use portico_domain::{
    check::Check,
    parameters::refused,
    ports::{AuthorizationRequest, IdentityProviderError, Prompt},
    provider::{Endpoints, SignIn},
};
use url::Url;

use crate::{
    document::invalid,
    token_endpoint::{Client, scopes},
};

/// Where to send the browser. Refused where the provider adds a parameter that it may not.
pub(crate) fn url(
    client: &Client,
    sign_in: &SignIn,
    request: &AuthorizationRequest<'_>,
) -> Result<Url, IdentityProviderError> {
    check(sign_in)?;
    let secrets = request.secrets;
    let redirect_uri = RedirectUrl::from_url(request.redirect_uri.clone());
    let mut wanted = client
        .authorize_url(|| CsrfToken::new(secrets.state.expose().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect_uri))
        .add_scopes(scopes(&sign_in.scopes, sign_in.scope_separator))
        .add_extra_param("code_challenge", secrets.verifier.challenge())
        .add_extra_param("code_challenge_method", "S256");
    // A nonce comes back in an ID token, and nowhere else.
    if let Endpoints::OpenId(_) = &sign_in.endpoints {
        wanted = wanted.add_extra_param("nonce", secrets.nonce.expose());
    }
    for (name, value) in &sign_in.parameters {
        let asked_for = (name == "login_hint" && request.login_hint.is_some())
            || (name == "prompt" && request.prompt.is_some());
        if !asked_for {
            wanted = wanted.add_extra_param(name, value);
        }
    }
    if let Some(hint) = request.login_hint {
        wanted = wanted.add_extra_param("login_hint", hint);
    }
    if let Some(prompt) = request.prompt {
        wanted = wanted.add_extra_param("prompt", word(prompt));
    }
    Ok(wanted.url().0)
}

/// What a provider may add is the domain's to say.
fn check(sign_in: &SignIn) -> Result<(), IdentityProviderError> {
    match refused(&sign_in.parameters, &sign_in.scopes) {
        Some(why) => Err(invalid(Check::SignInParameter, why)),
        None => Ok(()),
    }
}

fn word(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::None => "none",
        Prompt::Login => "login",
        Prompt::Consent => "consent",
        Prompt::SelectAccount => "select_account",
    }
}
