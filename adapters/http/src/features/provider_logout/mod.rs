//! Logouts that a provider begins: OpenID Connect Back-Channel Logout, and Front-Channel Logout. Neither
//! needs a cookie, an `Origin` or a session: a back-channel logout proves itself by the signature of its
//! token, a front-channel logout by the provider's id of the session, which nobody can guess.

mod back_channel;
mod front_channel;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use portico_domain::{
    identity::ProviderId,
    provider::{Availability, Providers},
    use_cases::{ProviderLogOut, ProviderLoggedOut},
};

use crate::{
    error::{ErrorCode, Failure},
    limits::LoginLimiter,
    request::Call,
    response::{CorrelationIds, Rendering},
    routing::{Access, GET, NO_BODY, POST, Route},
};

/// Dependencies of the feature.
pub(crate) struct ProviderLogout {
    pub(super) log_out: ProviderLogOut,
    pub(super) providers: Providers,
    pub(super) limiter: Arc<LoginLimiter>,
    pub(super) correlations: CorrelationIds,
}

impl ProviderLogout {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "backchannel_logout",
            methods: POST,
            path: "/api/backchannel-logout/{provider}",
            // Logout tokens of known providers have one or two kilobytes.
            body_limit: 4_096,
            rendering: Rendering::OAuthJson,
            access: Access::Browser,
            handler: |logout, call| Box::pin(async move { logout.back_channel(&call).await }),
        },
        Route {
            name: "frontchannel_logout",
            methods: GET,
            path: "/api/frontchannel-logout/{provider}",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |logout, call| Box::pin(async move { logout.front_channel(&call).await }),
        },
    ];

    /// The provider in the path, offered or not loaded now.
    fn provider(&self, call: &Call) -> Result<(ProviderId, Availability), Failure> {
        let id = ProviderId::parse(call.parameter.as_str());
        let id = id.map_err(|_| ErrorCode::UnknownProvider)?;
        match self.providers.availability(&id) {
            Availability::Gone => Err(ErrorCode::UnknownProvider.into()),
            availability => Ok((id, availability)),
        }
    }

    /// The log line of a logout that was carried out. Nothing of the token or the address is in it.
    fn log(&self, call: &Call, ended: ProviderLoggedOut, from: &ProviderId, correlation: &str) {
        let address = self.limiter.client(call.head.peer.0, call.headers());
        let ProviderLoggedOut { sessions, accounts } = ended;
        let outcome = if sessions + accounts > 0 { "signed_out" } else { "nothing_ended" };
        let provider = from.as_str();
        tracing::info!(provider, %address, outcome, sessions, accounts, correlation, "provider logout");
    }
}
