//! Azure Resource Manager: the listings that a sign-in needs.

mod caller;
mod paging;
mod problem;
pub(crate) mod subscriptions;
pub(crate) mod tenants;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::base::Base;
use crate::bearer;
use crate::faults::{Lies, Target};
use crate::params::Params;
use crate::state::Shared;
use caller::Caller;
use problem::Problem;

/// A request that may be answered: it names a version and brings a token of ours.
pub(crate) struct Call {
    pub(crate) base: Base,
    pub(crate) caller: Caller,
    token: String,
    pub(crate) params: Params,
    pub(crate) api_version: String,
    /// The lies to tell in the answer.
    pub(crate) lies: Lies,
}

impl FromRequestParts<Shared> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let base = Base::from_request_parts(parts, state).await.map_err(|_| Problem::host())?;
        let target =
            if parts.uri.path() == "/tenants" { Target::Tenants } else { Target::Subscriptions };
        let lies = Lies(state.lies(target, None, |kind| !kind.is_transport()));
        if let Some(insufficient_claims) = lies.unauthorized() {
            return Err(if insufficient_claims {
                Problem::claims(&base)
            } else {
                Problem::token(&base, "It has been revoked.")
            });
        }
        let token = bearer::token(&parts.headers).ok_or_else(|| Problem::no_token(&base))?;
        let caller = Caller::authenticate(token, state, &base)?;
        let token = token.to_owned();
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let api_version = api_version(&params)?;
        Ok(Self { base, caller, token, params, api_version, lies })
    }
}

impl Call {
    /// A display name, unless a fault has another.
    pub(crate) fn name<'a>(&'a self, name: &'a str) -> std::borrow::Cow<'a, str> {
        self.lies.name(name, &self.token)
    }
}

fn api_version(params: &Params) -> Result<String, Problem> {
    let version = params.get("api-version").ok_or_else(Problem::no_api_version)?;
    let date = version.strip_suffix("-preview").unwrap_or(version);
    if date.parse::<jiff::civil::Date>().is_err() || date.len() != 10 {
        return Err(Problem::bad_api_version(version));
    }
    Ok(version.to_owned())
}
