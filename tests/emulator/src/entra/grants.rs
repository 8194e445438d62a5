//! The three grant types of the token endpoint.

use serde_json::Value;

use super::Authority;
use super::error::EntraError;
use super::issue::{self, TokenResponseBuilder};
use super::refresh::RefreshToken;
use super::refused;
use super::scopes::{Scopes, invalid_scope};
use crate::base_url::BaseUrl;
use crate::bytes::sha256_base64url;
use crate::grants::CodeGrant;
use crate::params::Params;
use crate::state::EmulatorState;

/// A token request after client authentication.
pub(crate) struct TokenRequest<'a> {
    pub(crate) state: &'a EmulatorState,
    pub(crate) base: &'a BaseUrl,
    pub(crate) authority: Authority,
    pub(crate) params: &'a Params,
}

impl TokenRequest<'_> {
    fn required(&self, name: &'static str) -> Result<&str, EntraError> {
        self.params.get(name).ok_or_else(|| EntraError::missing(name))
    }

    fn scopes(&self, text: &str) -> Result<Scopes, EntraError> {
        Scopes::parse(text, |resource| self.base.is_root(self.state, resource))
    }

    /// The previously granted scopes, with the resource of this request if it names one.
    fn scopes_within(&self, previous: &str) -> Result<Scopes, EntraError> {
        let previous = self.scopes(previous)?;
        let Some(requested) = self.params.get("scope") else { return Ok(previous) };
        let requested = self.scopes(requested)?;
        Ok(requested.with_previous(previous))
    }

    fn response_builder<'a>(&'a self, grant: &'static str) -> TokenResponseBuilder<'a> {
        let client_info = self.params.get("client_info") == Some("1");
        let path_tenant = self.authority.tenant_id();
        TokenResponseBuilder { state: self.state, base: self.base, grant, path_tenant, client_info }
    }
}

/// Redeems a code: once, in its tenant, with its redirect URI and the verifier of its challenge.
pub(crate) fn authorization_code(request: &TokenRequest<'_>) -> Result<Value, EntraError> {
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let now = request.state.now();
    let grant = request.state.codes().redeem(code, now, |grant| {
        same_tenant(request.authority, grant)?;
        same_redirect_uri(redirect_uri, grant)?;
        verify_pkce(request.params.get("code_verifier"), grant.challenge.as_deref())
    })?;
    let scopes = request.scopes_within(&grant.scope)?;
    let (scope, sign_in) = (grant.scope.clone(), grant.sign_in.clone());
    let token = RefreshToken::new(&request.state.directory(), grant.person, scope, sign_in);
    Ok(request.response_builder("authorization_code").for_person(
        &token,
        grant.membership,
        &scopes,
        grant.nonce.as_deref(),
    ))
}

fn same_tenant(authority: Authority, grant: &CodeGrant) -> Result<(), EntraError> {
    match authority {
        Authority::Tenant(tenant) if tenant.id != grant.membership.tenant.id => {
            let text = "Provided Authorization Code is intended to use against other tenant, thus rejected.";
            Err(EntraError::new("invalid_grant", 700005, text))
        }
        _ => Ok(()),
    }
}

fn same_redirect_uri(uri: &str, grant: &CodeGrant) -> Result<(), EntraError> {
    if uri == grant.redirect_uri {
        return Ok(());
    }
    Err(EntraError::new(
        "invalid_client",
        500112,
        format!(
            "The reply address '{uri}' does not match the reply address '{}' provided when requesting Authorization \
         code.",
            grant.redirect_uri
        ),
    ))
}

fn verify_pkce(verifier: Option<&str>, challenge: Option<&str>) -> Result<(), EntraError> {
    let mismatch = |number| {
        let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        Err(EntraError::new("invalid_grant", number, text))
    };
    match (verifier, challenge) {
        (None, None) => Ok(()),
        (Some(verifier), Some(challenge)) if sha256_base64url(verifier) == challenge => Ok(()),
        (Some(_), _) => mismatch(501481),
        (None, Some(_)) => mismatch(50148),
    }
}

/// Redeems a refresh token in any tenant that the person belongs to.
pub(crate) fn refresh_token(request: &TokenRequest<'_>) -> Result<Value, EntraError> {
    let (state, now) = (request.state, request.state.now());
    let token = {
        let text = request.required("refresh_token")?;
        RefreshToken::open(text, &state.seal(), now, &state.directory())?
    };
    let membership =
        request.authority.admit(token.person).map_err(|error| error.with_error("invalid_grant"))?;
    let refusal = state.directory().refusals.of(membership.tenant, token.person, &token.sign_in);
    let refused = |refusal| refused::at_token(refusal, membership.tenant, token.person);
    if let Some(error) = refusal.and_then(refused) {
        return Err(error);
    }
    let scopes = request.scopes_within(&token.scope)?;
    token.redeem(&mut state.directory())?;
    Ok(request.response_builder("refresh_token").for_person(&token, membership, &scopes, None))
}

/// Issues a token to the application.
pub(crate) fn client_credentials(request: &TokenRequest<'_>) -> Result<Value, EntraError> {
    let Authority::Tenant(tenant) = request.authority else {
        let text = "No tenant-identifying information found in either the request or implied by any provided \
             credentials.";
        return Err(EntraError::new("invalid_request", 50059, text));
    };
    let text = request.required("scope")?;
    let scopes = request.scopes(text)?;
    if !scopes.is_default_only() {
        return Err(EntraError::new(
            "invalid_scope",
            1002012,
            format!(
                "The provided value for scope {text} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
            ),
        ));
    }
    if scopes.openid {
        return Err(invalid_scope(text));
    }
    Ok(issue::for_application(request.state, request.base, tenant, &scopes))
}
