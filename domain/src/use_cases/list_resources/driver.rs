//! Performs the tasks of a listing: requests to the cloud's API, and to its identity provider for
//! tokens.

use super::ListingRequest;
use crate::{
    identity::TenantId,
    listing::{PlannedFetch, TokenName, WantedToken},
    ports::{FetchFailure, IdentityProviderError},
    provider::{FetchError, Principal, Reply, SignIn, TokenRefusal},
    secret::AccessToken,
};

/// Performs the tasks of one listing.
pub(super) struct Driver<'a>(pub(super) &'a ListingRequest);

impl Driver<'_> {
    pub(super) async fn fetch(&self, planned: &PlannedFetch) -> Result<Reply, FetchFailure> {
        let (provider, mut fetch) = (&self.0.provider, planned.fetch());
        if let Some(permission) = &planned.permission {
            fetch.secret_headers = provider.secret_headers(permission);
        }
        provider.api.fetch(fetch).await
    }

    pub(super) async fn token(&self, wanted: &WantedToken) -> Result<AccessToken, FetchFailure> {
        let WantedToken { name: TokenName { permission, tenant }, principal, scopes } = wanted;
        let whose = match principal {
            Principal::SignedInUser => "the person's",
            Principal::Application | Principal::Nobody => "the application's",
        };
        let token = match principal {
            Principal::SignedInUser => self.persons_token(wanted).await,
            Principal::Application | Principal::Nobody => {
                let is_own = *tenant == self.0.person.identity.tenant;
                match is_own || self.0.provider.tenants.allow(tenant) {
                    true => self.applications_token(tenant, scopes).await,
                    false => Err(no_token(format!("the tenant {tenant} is not allowed"))),
                }
            }
        };
        token.map_err(|FetchFailure { error, detail }| FetchFailure {
            error,
            detail: format!("{whose} token for {permission} in {tenant}: {detail}"),
        })
    }

    /// Portico's own token. The provider learns no more than that there is none.
    async fn applications_token(
        &self,
        tenant: &TenantId,
        scopes: &[String],
    ) -> Result<AccessToken, FetchFailure> {
        let sign_in = self.sign_in(tenant)?;
        let token = self.0.provider.identity.application_token(&sign_in, scopes).await;
        token.map_err(|error| no_token(error.to_string()))
    }

    /// The person's token in another tenant than the one signed in to, by their refresh token. It is
    /// used for this listing alone. A refresh token in the response is dropped: a tenant's response
    /// must not replace the one that the session has.
    async fn persons_token(&self, wanted: &WantedToken) -> Result<AccessToken, FetchFailure> {
        let refresh = self.0.tokens.refresh.as_ref();
        let refresh = refresh.ok_or_else(|| no_token("there is no refresh token".into()))?;
        let sign_in = self.sign_in(&wanted.name.tenant)?;
        let refreshed = self.0.provider.identity.refresh(&sign_in, refresh, &wanted.scopes).await;
        refreshed.map(|refreshed| refreshed.tokens.access).map_err(not_refreshed)
    }

    fn sign_in(&self, tenant: &TenantId) -> Result<SignIn, FetchFailure> {
        self.0.provider.sign_in.at(Some(tenant)).map_err(|error| no_token(error.to_string()))
    }
}

fn no_token(detail: String) -> FetchFailure {
    FetchFailure { error: FetchError::NoToken, detail }
}

/// A refusal reaches the provider, which decides by its codes; a passing failure is told as such.
fn not_refreshed(error: IdentityProviderError) -> FetchFailure {
    let detail = error.to_string();
    let error = match error {
        IdentityProviderError::Refused { error, .. } => {
            let challenge = error.challenge.map(|it| *it).unwrap_or_default();
            let refusal = TokenRefusal {
                error: error.error,
                suberror: challenge.suberror,
                claims: challenge.claims,
                numbers: entra_number(error.description.as_deref()).into_iter().collect(),
            };
            FetchError::TokenRefused(Box::new(refusal.bounded()))
        }
        IdentityProviderError::TimedOut(_) => FetchError::TimedOut,
        IdentityProviderError::Unreachable(_)
        | IdentityProviderError::InvalidResponse { .. }
        | IdentityProviderError::ClockDiffers { .. } => FetchError::Unreachable,
        IdentityProviderError::Misconfigured(_) => FetchError::NoToken,
    };
    FetchFailure { error, detail }
}

/// The number of an error of Entra ID, which is the first word of its description: `AADSTS50076: …`
/// (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
fn entra_number(description: Option<&str>) -> Option<u32> {
    let rest = description?.strip_prefix("AADSTS")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}
