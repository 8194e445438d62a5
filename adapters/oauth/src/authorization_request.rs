//! The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1).

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

/// The URL to redirect the browser to. Fails if the provider declares a reserved parameter.
pub(crate) fn url(
    client: &Client,
    sign_in: &SignIn,
    request: &AuthorizationRequest<'_>,
) -> Result<Url, IdentityProviderError> {
    check(sign_in)?;
    let secrets = request.secrets;
    let redirect_uri = RedirectUrl::from_url(request.redirect_uri.clone());
    let mut url = client
        .authorize_url(|| CsrfToken::new(secrets.state.expose().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect_uri))
        .add_scopes(scopes(&sign_in.scopes, sign_in.scope_separator))
        .add_extra_param("code_challenge", secrets.verifier.challenge())
        .add_extra_param("code_challenge_method", "S256");
    // Only an ID token returns the nonce, so a plain OAuth provider gets none.
    if let Endpoints::OpenId(_) = &sign_in.endpoints {
        url = url.add_extra_param("nonce", secrets.nonce.expose());
    }
    for (name, value) in &sign_in.parameters {
        let is_overridden = (name == "login_hint" && request.login_hint.is_some())
            || (name == "prompt" && request.prompt.is_some());
        if !is_overridden {
            url = url.add_extra_param(name, value);
        }
    }
    if let Some(hint) = request.login_hint {
        url = url.add_extra_param("login_hint", hint);
    }
    if let Some(prompt) = request.prompt {
        url = url.add_extra_param("prompt", prompt_value(prompt));
    }
    if let Some(claims) = request.claims {
        url = url.add_extra_param("claims", claims);
    }
    Ok(url.url().0)
}

/// The domain decides which parameters a provider may declare.
fn check(sign_in: &SignIn) -> Result<(), IdentityProviderError> {
    match refused(&sign_in.parameters, &sign_in.scopes) {
        Some(reason) => Err(invalid(Check::SignInParameter, reason)),
        None => Ok(()),
    }
}

/// OpenID Connect Core section 3.1.2.1, `prompt`.
fn prompt_value(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::None => "none",
        Prompt::Login => "login",
        Prompt::Consent => "consent",
        Prompt::SelectAccount => "select_account",
    }
}
