//! One file for each group of routes. A handler parses, calls one use case, and answers.

pub(crate) mod accounts;
pub(crate) mod decision;
pub(crate) mod login;
pub(crate) mod meta;
pub(crate) mod pages;
mod record;
pub(crate) mod session;
mod tenant_json;

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hyper::body::Bytes;
use portico_domain::{
    session::SessionKey,
    use_cases::{Current, LiveSession},
};
use warp::{
    http::{HeaderMap, Method},
    reply::{Reply, Response},
};

use crate::{App, answers::View, asked::Asked, failure::Failure, server::Held};

/// A request without its body, and whom it is for.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) method: Method,
    /// Without a query.
    pub(crate) path: Arc<str>,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) peer: Peer,
    /// Whether only the head of the answer is wanted (RFC 9110 section 9.3.2).
    pub(crate) head_only: bool,
    /// Whether the cookie names a session that cannot be read: the answer takes it back.
    pub(crate) unreadable: Arc<AtomicBool>,
    /// What the request has of its connection, which a long answer keeps until it is sent.
    pub(crate) held: Option<Arc<Held>>,
}

/// The other end of the connection that a request came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The path of a request without its query; empty where its target has none, as that of CONNECT.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestPath(pub(crate) Arc<str>);

impl Call {
    /// What the log says of it.
    pub(crate) fn asked(&self) -> Asked {
        let (method, path) = (self.method.clone(), self.path.clone());
        Asked { method, path, headers: self.headers.clone(), peer: self.peer }
    }

    /// The session that the browser's cookie names, where it is alive.
    pub(crate) async fn session(&self) -> Result<Option<LiveSession>, Failure> {
        Ok(self.current().await?.live())
    }

    /// What the browser's cookie names, or named.
    pub(crate) async fn current(&self) -> Result<Current, Failure> {
        let current = current(&self.app, &self.headers).await?;
        if let Current::Unreadable(why) = &current {
            self.app.unreadable.found(why);
            self.unreadable.store(true, Ordering::Relaxed);
        }
        Ok(current)
    }

    /// The session that the browser's cookie names, or why there is none.
    pub(crate) async fn signed_in(&self) -> Result<LiveSession, Failure> {
        match self.current().await? {
            Current::Live(live) => Ok(live),
            other => Err(self.without(other)),
        }
    }

    /// What to say where the cookie names no session that can be handed out.
    pub(crate) fn without(&self, current: Current) -> Failure {
        match current {
            Current::Away(provider) => Failure::provider_away(&self.app.name_of(&provider)),
            Current::Ended(ending) => Failure::session_ended(ending),
            Current::Live(_) | Current::Unreadable(_) | Current::Nothing => Failure::no_session(),
        }
    }

    /// An answer about this session, as long as it may be. Its body is not rendered where nobody
    /// wants it, and a `view` not again for the same version.
    pub(crate) async fn answer_about(
        &self,
        live: &LiveSession,
        view: Option<View>,
        render: impl FnOnce() -> Vec<u8>,
    ) -> Result<Response, Failure> {
        let body = if self.head_only {
            Bytes::new()
        } else {
            let key = self.app.cookies().session(&self.headers).map(|id| SessionKey::of(&id));
            self.app.answers.body(key, live, view, self.held.clone(), render).await?
        };
        Ok(Response::new(body.into()).into_response())
    }
}

/// The session that the cookie among these headers names, where it is alive.
pub(crate) async fn session_of(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<LiveSession>, Failure> {
    Ok(current(app, headers).await?.live())
}

/// What the cookie among these headers names, or named.
async fn current(app: &App, headers: &HeaderMap) -> Result<Current, Failure> {
    let Some(id) = app.cookies().session(headers) else { return Ok(Current::Nothing) };
    let key = SessionKey::of(&id);
    let known = app.answers.session(&key);
    let found = app.current_session.run_knowing(&id, known).await;
    let found = found.map_err(|error| Failure::store(&error))?;
    match &found {
        Current::Live(live) => app.answers.keep(key, live),
        // Nothing of it is handed out now, nor kept for later.
        Current::Away(_) | Current::Ended(_) | Current::Unreadable(_) | Current::Nothing => {
            app.answers.forget(&key);
        }
    }
    Ok(found)
}
