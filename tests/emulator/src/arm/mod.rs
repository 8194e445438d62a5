//! Azure Resource Manager: the listings of tenants and subscriptions.

mod caller;
mod error;
mod next_link;
pub(crate) mod subscriptions;
pub(crate) mod tenants;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::base_url::BaseUrl;
use crate::bearer;
use crate::faults::{ContentFaults, Occasion, Target};
use crate::params::Params;
use crate::state::SharedState;
use caller::Caller;
use error::ArmError;

/// An authenticated request with a valid `api-version`.
pub(crate) struct Call {
    pub(crate) base: BaseUrl,
    pub(crate) caller: Caller,
    token: String,
    pub(crate) params: Params,
    pub(crate) api_version: String,
    /// The content faults of the response.
    pub(crate) faults: ContentFaults,
}

impl FromRequestParts<SharedState> for Call {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ArmError> {
        let base = BaseUrl::from_request_parts(parts, state).await.map_err(|_| ArmError::host())?;
        let target =
            if parts.uri.path() == "/tenants" { Target::Tenants } else { Target::Subscriptions };
        let token = bearer::token(&parts.headers).ok_or_else(|| ArmError::no_token(&base));
        let caller = token.clone().and_then(|token| Caller::authenticate(token, state, &base));
        let tenant = caller.as_ref().ok().map(|caller| caller.tenant().id);
        let occasion = Occasion::at(target).tenant(tenant);
        let faults = ContentFaults(state.content_faults(occasion, |kind| !kind.is_transport()));
        if let Some(insufficient_claims) = faults.unauthorized() {
            return Err(if insufficient_claims {
                ArmError::revoked(&base)
            } else {
                ArmError::token(&base, "It has been revoked.")
            });
        }
        let (token, caller) = (token?.to_owned(), caller?);
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let api_version = api_version(&params)?;
        Ok(Self { base, caller, token, params, api_version, faults })
    }
}

impl Call {
    /// The display name, unless a fault replaces it.
    pub(crate) fn name<'a>(&'a self, name: &'a str) -> std::borrow::Cow<'a, str> {
        self.faults.name(name, &self.token)
    }
}

fn api_version(params: &Params) -> Result<String, ArmError> {
    let version = params.get("api-version").ok_or_else(ArmError::no_api_version)?;
    let date = version.strip_suffix("-preview").unwrap_or(version);
    if date.parse::<jiff::civil::Date>().is_err() || date.len() != 10 {
        return Err(ArmError::bad_api_version(version));
    }
    Ok(version.to_owned())
}
