//! Finds the session of a request's cookie.

use std::sync::atomic::{AtomicBool, Ordering};

use hyper::body::Bytes;
use portico_domain::{
    ports::StoreError,
    provider::Providers,
    secret::SessionId,
    session::{Ending, SessionKey},
    use_cases::{
        BackgroundListings, Current, CurrentSession, FreshToken, LiveSession, SessionStamp,
    },
};
use warp::{http::HeaderMap, reply::Response};

use super::responses::{Responses, View};
use crate::{
    error::{ErrorCode, Failure},
    providers::name_of,
    request::{Call, Cookies},
};

/// Finds sessions, and builds responses about them.
pub(crate) struct SessionReader {
    pub(crate) current_session: CurrentSession,
    pub(crate) fresh_token: FreshToken,
    pub(crate) listings: BackgroundListings,
    pub(crate) providers: Providers,
    pub(crate) cookies: Cookies,
    pub(crate) responses: Responses,
    pub(crate) unreadable: UnreadableSessions,
}

/// Logs the first unreadable session as a warning, others at debug: a removed key makes many unreadable.
#[derive(Debug, Default)]
pub(crate) struct UnreadableSessions(AtomicBool);

impl UnreadableSessions {
    fn log(&self, why: &str) {
        if self.0.swap(true, Ordering::Relaxed) {
            return tracing::debug!(why, "a session cannot be read");
        }
        tracing::warn!(
            why,
            "a session cannot be read: its browser is signed out and its cookie cleared. Further \
             ones are logged at debug only"
        );
    }
}

impl SessionReader {
    /// Whether the cookie names a live session.
    pub(crate) async fn is_signed_in(&self, headers: &HeaderMap) -> Result<bool, Failure> {
        Ok(self.find(headers).await?.live().is_some())
    }

    /// The session, if it is live.
    pub(crate) async fn live(&self, call: &Call) -> Result<Option<LiveSession>, Failure> {
        Ok(self.current(call).await?.live())
    }

    /// The state of the session of this id. The look is no use of the session, but a page that waits for
    /// a listing has it begun.
    pub(crate) async fn look(&self, id: &SessionId) -> Result<Current, StoreError> {
        let current = self.current_session.look(id).await?;
        if let Current::Live(live) = &current {
            self.listings.start_pending(&SessionKey::of(id), &live.session);
        }
        Ok(current)
    }

    /// The state of the session, by a request that is no use of it.
    pub(crate) async fn look_of(&self, call: &Call) -> Result<Current, Failure> {
        let Some(id) = self.cookies.session(call.headers()) else { return Ok(Current::Nothing) };
        self.look(&id).await.map_err(|error| Failure::store(&error))
    }

    /// The state of the session. If it is unreadable, the response will clear the cookie.
    pub(crate) async fn current(&self, call: &Call) -> Result<Current, Failure> {
        let current = self.find(call.headers()).await?;
        if let Current::Unreadable(why) = &current {
            self.unreadable.log(why);
            call.clear_session.store(true, Ordering::Relaxed);
        }
        Ok(current)
    }

    /// The live session, or the failure if there is none.
    pub(crate) async fn require(&self, call: &Call) -> Result<LiveSession, Failure> {
        match self.current(call).await? {
            Current::Live(live) => Ok(live),
            other => Err(self.failure(other)),
        }
    }

    /// The failure for a session that is not live.
    pub(crate) fn failure(&self, current: Current) -> Failure {
        match current {
            Current::Away(provider) => {
                Failure::at_provider(ErrorCode::ProviderAway, &name_of(&self.providers, &provider))
            }
            Current::Ended(ending) => ended(ending).into(),
            Current::Live(_) | Current::Unreadable(_) | Current::Nothing => {
                ErrorCode::NoSession.into()
            }
        }
    }

    /// Removes the responses about a session from the cache.
    pub(crate) fn forget(&self, key: &SessionKey) {
        self.responses.forget(key);
    }

    /// The cached response of this view, if it shows the session as it is now.
    pub(crate) async fn cached(
        &self,
        call: &Call,
        view: &View,
    ) -> Result<Option<Response>, Failure> {
        let Some(key) = self.key(call) else { return Ok(None) };
        let Some(cached) = self.responses.cached(&key, view) else { return Ok(None) };
        if !self.current_session.is_current(&key, &cached.stamp).await {
            return Ok(None);
        }
        let body = match call.head_only() {
            true => Bytes::new(),
            false => self.responses.send_cached(&cached, call.guard.clone())?,
        };
        Ok(Some(response(body)))
    }

    /// A response about this session, of any length. For HEAD the body is not rendered; with a `view`, it
    /// is [cached](Self::cached).
    pub(crate) async fn respond(
        &self,
        call: &Call,
        live: &LiveSession,
        view: Option<View>,
        render: impl FnOnce() -> Vec<u8>,
    ) -> Result<Response, Failure> {
        let body = match call.head_only() {
            true => Bytes::new(),
            false => {
                let guard = call.guard.clone();
                self.responses.render(self.key(call), live, view, guard, render).await?
            }
        };
        Ok(response(body))
    }

    /// Whether the session is still what a response with this stamp shows.
    pub(crate) async fn is_current(&self, key: &SessionKey, stamp: &SessionStamp) -> bool {
        self.current_session.is_current(key, stamp).await
    }

    /// The session that had this key, wherever it moved since, and its key now. It is a use of the session.
    pub(crate) async fn follow(&self, key: SessionKey) -> Result<(SessionKey, Current), Failure> {
        let found = self.current_session.follow(key).await;
        let (key, current) = found.map_err(|error| Failure::store(&error))?;
        self.used(&key, &current);
        Ok((key, current))
    }

    async fn find(&self, headers: &HeaderMap) -> Result<Current, Failure> {
        let Some(id) = self.cookies.session(headers) else { return Ok(Current::Nothing) };
        let found = self.current_session.run(&id).await;
        let found = found.map_err(|error| Failure::store(&error))?;
        self.used(&SessionKey::of(&id), &found);
        Ok(found)
    }

    /// What a use of a session begins; an ended one is forgotten.
    fn used(&self, key: &SessionKey, found: &Current) {
        match found {
            Current::Live(live) => {
                self.fresh_token.refresh_ahead(key, live.session.person, live.tokens());
                self.listings.start_due(key, &live.session);
            }
            _ => self.forget(key),
        }
    }

    /// The key of the session that the cookie names.
    pub(crate) fn key(&self, call: &Call) -> Option<SessionKey> {
        self.cookies.session(call.headers()).map(|id| SessionKey::of(&id))
    }
}

fn response(body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    // All that the response will have, so that the map does not grow under way.
    response.headers_mut().reserve(HEADERS);
    response
}

/// The usual number of headers of a response, content and security together.
const HEADERS: usize = 12;

fn ended(ending: Ending) -> ErrorCode {
    match ending {
        // The browser has had another session since, so there is nothing to explain.
        Ending::Moved(_) | Ending::Replaced => ErrorCode::NoSession,
        Ending::Crowded => ErrorCode::SessionCrowdedOut,
        Ending::SignedOutEverywhere => ErrorCode::SignedOutEverywhere,
        Ending::NotAllowed => ErrorCode::SessionNotAllowed,
        Ending::OtherPerson => ErrorCode::SessionOtherPerson,
        Ending::Expired => ErrorCode::SessionExpired,
        Ending::SignedOut => ErrorCode::SignedOut,
        Ending::EndedElsewhere => ErrorCode::SessionEndedElsewhere,
        Ending::SignedOutAtProvider => ErrorCode::SessionEndedAtProvider,
    }
}
