//! OpenID Connect Front-Channel Logout 1.0, as Entra ID does it: the browser loads a frame, with the id of
//! the session at the provider alone. No cookie comes with it, since the frame is of another site.

use portico_domain::sign_in::ProviderSessionId;
use warp::{
    http::{HeaderName, HeaderValue, header},
    reply::{Reply, Response},
};

use super::ProviderLogout;
use crate::{
    error::{ErrorCode, Failure},
    request::Call,
    response::{FRAMEABLE, set_correlation},
};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

impl ProviderLogout {
    /// 200 with an empty page that may be framed. It does not tell whether a session was ended.
    ///
    /// Whoever knows the id of the session may end it, and nothing else. An unknown id costs one look
    /// into the index of the store, and writes nothing.
    pub(super) async fn front_channel(&self, call: &Call) -> Result<Response, Failure> {
        let (provider, _) = self.provider(call)?;
        let mut parameters = call.parameters()?;
        let session = parameters.take("sid").and_then(ProviderSessionId::parse);
        let session = session.ok_or(ErrorCode::BadProviderSession)?;
        let issuer = parameters.take("iss");
        let ended = self.log_out.by_session(&provider, &session, issuer.as_deref()).await;
        let ended = ended.map_err(|error| Failure::store(&error))?;
        let correlation = self.correlations.draw();
        if ended != Default::default() {
            self.log(call, ended, &provider, &correlation);
        }
        let mut response = warp::reply::html("").into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::CONTENT_SECURITY_POLICY, FRAMEABLE);
        // The page of the provider may be isolated (`Cross-Origin-Embedder-Policy`).
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        set_correlation(&mut response, &correlation);
        Ok(response)
    }
}
