//! Whether a request for a protected app may pass.

use std::sync::Arc;

use portico_domain::{
    apps::{ProtectedApp, WebOrigin},
    session::SessionKey,
    use_cases::{Current, LiveSession},
};
use warp::http::HeaderMap;

use super::{
    ForwardAuth,
    identity::{Identity, IdentityHeaders},
    target::Target,
};
use crate::{
    error::{ErrorCode, Failure},
    request::{Cookies, RequestHead},
};

/// The decision about a request.
pub(super) enum Decision {
    /// It may pass, with these headers.
    Allowed(Arc<IdentityHeaders>),
    /// Nobody is signed in, for this reason.
    NotSignedIn(ErrorCode),
}

impl ForwardAuth {
    /// Decides about a request. A failure is no decision: the store or a provider is away, or the person
    /// may not use the app.
    pub(super) async fn decide(
        &self,
        headers: &HeaderMap,
        target: &Target,
    ) -> Result<Decision, Failure> {
        let Some(key) = self.session_at(headers, &target.origin) else {
            return Ok(Decision::NotSignedIn(ErrorCode::NoSession));
        };
        let known = self.identities.known(&key, &target.app);
        if let Some(known) = &known
            && self.sessions.is_current(&known.key, &known.stamp).await
        {
            return Ok(Decision::Allowed(known.headers.clone()));
        }
        let (now_at, current) = self.sessions.follow(key).await?;
        let live = match current {
            Current::Live(live) => live,
            Current::Away(_) => return Err(self.sessions.failure(current)),
            // Its browser gets another session without a word.
            Current::Unreadable(_) | Current::Nothing | Current::Ended(_) => {
                return Ok(Decision::NotSignedIn(self.sessions.failure(current).code()));
            }
        };
        admitted(&target.app, &live)?;
        // What the headers say of a session changes with its key alone: a login moves it.
        let headers = match known.filter(|known| known.key == now_at) {
            Some(known) => known.headers.clone(),
            None => self.identify(&now_at, &live, &target.app)?,
        };
        let Some(stamp) = live.stamp() else { return Ok(Decision::Allowed(headers)) };
        self.identities
            .keep(key, Identity::new((now_at, stamp), target.app.clone(), headers.clone()));
        Ok(Decision::Allowed(headers))
    }

    /// Whether a proxy asks about a request of somebody who is signed in.
    pub(crate) async fn is_signed_in(
        &self,
        head: &RequestHead,
        query: &str,
    ) -> Result<bool, Failure> {
        let Some(target) = self.asked(head, query) else { return Ok(false) };
        let Some(key) = self.session_at(&head.headers, &target.origin) else { return Ok(false) };
        Ok(self.sessions.follow(key).await?.1.live().is_some())
    }

    /// The session of the cookie for this host. At Portico's own host that is Portico's cookie.
    fn session_at(&self, headers: &HeaderMap, host: &WebOrigin) -> Option<SessionKey> {
        if self.own_host.as_ref() == Some(host) {
            return self.cookies.session(headers).map(|id| SessionKey::of(&id));
        }
        let sealed = cookies_at(host).host_session(headers)?;
        self.host_sessions.find(&sealed, host)
    }
}

/// The cookies of a protected host.
pub(super) fn cookies_at(host: &WebOrigin) -> Cookies {
    Cookies { secure: host.is_https() }
}

/// Refuses people who may not use the app.
pub(super) fn admitted(app: &ProtectedApp, live: &LiveSession) -> Result<(), Failure> {
    app.access.check(&live.session).map_err(|denied| {
        let (app, code) = (app.id.as_str(), ErrorCode::of_denied(&denied));
        Failure::with(code, &[("app", app)]).because(&denied)
    })
}
