//! Finds the session that a request's cookie names.

use std::sync::atomic::{AtomicBool, Ordering};

use hyper::body::Bytes;
use portico_domain::{
    provider::Providers,
    session::{Ending, SessionKey},
    use_cases::{Current, CurrentSession, LiveSession},
};
use warp::{
    http::HeaderMap,
    reply::{Reply, Response},
};

use super::answers::{Answers, View};
use crate::{
    error::{ErrorCode, Failure},
    providers::name_of,
    request::{Call, Cookies},
};

/// Finds sessions, and holds the long answers about them.
pub(crate) struct SessionReader {
    pub(crate) current_session: CurrentSession,
    pub(crate) providers: Providers,
    pub(crate) cookies: Cookies,
    pub(crate) answers: Answers,
    pub(crate) unreadable: UnreadableSessions,
}

/// Says once that there are sessions that cannot be read: a key that is gone makes them many.
#[derive(Debug, Default)]
pub(crate) struct UnreadableSessions(AtomicBool);

impl UnreadableSessions {
    fn found(&self, why: &str) {
        if self.0.swap(true, Ordering::Relaxed) {
            return tracing::debug!(why, "a session cannot be read");
        }
        tracing::warn!(
            why,
            "a session cannot be read: its browser is signed out, and its cookie taken back. Further \
             ones are logged as debug alone"
        );
    }
}

impl SessionReader {
    /// Whether the cookie among these headers names a live session.
    pub(crate) async fn is_signed_in(&self, headers: &HeaderMap) -> Result<bool, Failure> {
        Ok(self.find(headers).await?.live().is_some())
    }

    /// The session that the browser's cookie names, where it is alive.
    pub(crate) async fn live(&self, call: &Call) -> Result<Option<LiveSession>, Failure> {
        Ok(self.current(call).await?.live())
    }

    /// What the browser's cookie names, or named.
    pub(crate) async fn current(&self, call: &Call) -> Result<Current, Failure> {
        let current = self.find(call.headers()).await?;
        if let Current::Unreadable(why) = &current {
            self.unreadable.found(why);
            call.unreadable.store(true, Ordering::Relaxed);
        }
        Ok(current)
    }

    /// The session that the browser's cookie names, or why there is none.
    pub(crate) async fn signed_in(&self, call: &Call) -> Result<LiveSession, Failure> {
        match self.current(call).await? {
            Current::Live(live) => Ok(live),
            other => Err(self.without(other)),
        }
    }

    /// What to say where the cookie names no session that can be handed out.
    pub(crate) fn without(&self, current: Current) -> Failure {
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

    /// Forgets what is kept about a session that has ended.
    pub(crate) fn forget(&self, key: &SessionKey) {
        self.answers.forget(key);
    }

    /// An answer about this session, as long as it may be. Its body is not rendered for a HEAD
    /// request, and a `view` not again for the same version.
    pub(crate) async fn answer_about(
        &self,
        call: &Call,
        live: &LiveSession,
        view: Option<View>,
        render: impl FnOnce() -> Vec<u8>,
    ) -> Result<Response, Failure> {
        let body = if call.head_only() {
            Bytes::new()
        } else {
            let key = self.cookies.session(call.headers()).map(|id| SessionKey::of(&id));
            self.answers.body(key, live, view, call.held.clone(), render).await?
        };
        Ok(Response::new(body.into()).into_response())
    }

    async fn find(&self, headers: &HeaderMap) -> Result<Current, Failure> {
        let Some(id) = self.cookies.session(headers) else { return Ok(Current::Nothing) };
        let key = SessionKey::of(&id);
        let known = self.answers.session(&key);
        let found = self.current_session.run_knowing(&id, known).await;
        let found = found.map_err(|error| Failure::store(&error))?;
        match &found {
            Current::Live(live) => self.answers.keep(key, live),
            // Nothing of it is handed out now, nor kept for later.
            Current::Away(_) | Current::Ended(_) | Current::Unreadable(_) | Current::Nothing => {
                self.answers.forget(&key);
            }
        }
        Ok(found)
    }
}

fn ended(ending: Ending) -> ErrorCode {
    match ending {
        // The browser has another session, or had: there is nothing to explain.
        Ending::Moved(_) | Ending::Replaced => ErrorCode::NoSession,
        Ending::Crowded => ErrorCode::SessionCrowdedOut,
        Ending::SignedOutEverywhere => ErrorCode::SignedOutEverywhere,
        Ending::NotAllowed => ErrorCode::SessionNotAllowed,
    }
}
