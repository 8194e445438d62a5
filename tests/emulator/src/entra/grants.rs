//! The three grants of the token endpoint.

use serde_json::{Value, json};

use super::Authority;
use super::codes::CodeGrant;
use super::issue::{self, Issue};
use super::refresh::RefreshToken;
use super::refusal::Refusal;
use super::scopes::{Scopes, invalid};
use crate::base::Base;
use crate::bytes::{guid_from, sha256_base64url};
use crate::params::Params;
use crate::personas::{Tenant, WORLD};
use crate::state::Running;

/// A token request of the application itself.
pub(crate) struct Request<'a> {
    pub(crate) state: &'a Running,
    pub(crate) base: &'a Base,
    pub(crate) authority: Authority,
    pub(crate) params: &'a Params,
}

impl Request<'_> {
    fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.params.get(name).ok_or_else(|| Refusal::missing(name))
    }

    fn scopes(&self, text: &str) -> Result<Scopes, Refusal> {
        Scopes::parse(text, |resource| self.base.is_root(self.state, resource))
    }

    /// What the person agreed to, with the resource of this request where it names another.
    fn scopes_within(&self, agreed: &str) -> Result<Scopes, Refusal> {
        let agreed = self.scopes(agreed)?;
        let Some(asked) = self.params.get("scope") else { return Ok(agreed) };
        let asked = self.scopes(asked)?;
        Ok(asked.completed_by(agreed))
    }

    fn issue<'a>(&'a self, grant: &'static str) -> Issue<'a> {
        let client_info = self.params.get("client_info") == Some("1");
        Issue { state: self.state, base: self.base, grant, client_info }
    }
}

/// A code for tokens: once, by the same application, at the same redirect URI, with the verifier of its challenge.
pub(crate) fn authorization_code(request: &Request<'_>) -> Result<Value, Refusal> {
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let now = request.state.now();
    let grant = request.state.codes().redeem(code, now, |grant| {
        same_tenant(request.authority, grant)?;
        same_redirect_uri(redirect_uri, grant)?;
        verifier(request.params.get("code_verifier"), grant.challenge.as_deref())
    })?;
    let scopes = request.scopes_within(&grant.scope)?;
    let refresh = scopes.offline_access.then(|| RefreshToken {
        person: grant.person,
        scope: grant.scope.clone(),
        mfa: grant.mfa,
    });
    Ok(request.issue("authorization_code").to_person(
        grant.person,
        grant.membership,
        &scopes,
        grant.nonce.as_deref(),
        refresh,
    ))
}

fn same_tenant(authority: Authority, grant: &CodeGrant) -> Result<(), Refusal> {
    match authority {
        Authority::Tenant(tenant) if tenant.id != grant.membership.tenant.id => {
            let text = "Provided Authorization Code is intended to use against other tenant, thus rejected.";
            Err(Refusal::new("invalid_grant", 700005, text))
        }
        _ => Ok(()),
    }
}

fn same_redirect_uri(given: &str, grant: &CodeGrant) -> Result<(), Refusal> {
    if given == grant.redirect_uri {
        return Ok(());
    }
    Err(Refusal::new(
        "invalid_client",
        500112,
        format!(
            "The reply address '{given}' does not match the reply address '{}' provided when requesting Authorization \
         code.",
            grant.redirect_uri
        ),
    ))
}

fn verifier(verifier: Option<&str>, challenge: Option<&str>) -> Result<(), Refusal> {
    let mismatch = |number| {
        let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        Err(Refusal::new("invalid_grant", number, text))
    };
    match (verifier, challenge) {
        (None, None) => Ok(()),
        (Some(verifier), Some(challenge)) if sha256_base64url(verifier) == challenge => Ok(()),
        (Some(_), _) => mismatch(501481),
        (None, Some(_)) => mismatch(50148),
    }
}

/// A refresh token for new tokens, in any tenant the person belongs to; the old one goes on working, as Entra ID's.
pub(crate) fn refresh_token(request: &Request<'_>) -> Result<Value, Refusal> {
    let now = request.state.now();
    let token = RefreshToken::open(request.required("refresh_token")?, &request.state.seal(), now)?;
    let membership = request
        .authority
        .admit(token.person)
        .map_err(|refusal| refusal.with_error("invalid_grant"))?;
    if membership.tenant.wants_mfa && !token.mfa {
        return Err(second_factor(membership.tenant));
    }
    let scopes = request.scopes_within(&token.scope)?;
    Ok(request.issue("refresh_token").to_person(
        token.person,
        membership,
        &scopes,
        None,
        Some(token),
    ))
}

/// Entra ID says `invalid_grant` here, with the claims that a new sign-in has to bring.
fn second_factor(tenant: &Tenant) -> Refusal {
    let policy = guid_from(tenant.id);
    let claims =
        json!({ "access_token": { "capolids": { "essential": true, "values": [policy] } } });
    Refusal::new("invalid_grant", 50076, format!(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must \
         use multi-factor authentication to access '{}'.",
        WORLD.application.client_id
    ))
    .with_claims(&claims)
}

/// A token for the application itself.
pub(crate) fn client_credentials(request: &Request<'_>) -> Result<Value, Refusal> {
    let Authority::Tenant(tenant) = request.authority else {
        let text = "No tenant-identifying information found in either the request or implied by any provided \
             credentials.";
        return Err(Refusal::new("invalid_request", 50059, text));
    };
    let text = request.required("scope")?;
    let scopes = request.scopes(text)?;
    if !scopes.is_default_only() {
        return Err(Refusal::new(
            "invalid_scope",
            1002012,
            format!(
                "The provided value for scope {text} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
            ),
        ));
    }
    if scopes.openid {
        return Err(invalid(text));
    }
    Ok(issue::to_application(request.state, request.base, tenant, &scopes))
}
